// Command web is the browser's half of Hearthmail.
package main

import "github.com/hearthmail/hearthmail/web/screen"

func main() {
	screen.Run(func(s *screen.Screen) screen.Door {
		h := &home{screen: s}
		h.start()
		return h
	})
}
