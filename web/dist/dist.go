// Package dist holds the built app, which web/pack makes and the bridge serves.
package dist

import (
	"embed"
	"io/fs"
)

//go:embed all:app
var app embed.FS

// Files is the app's files, index.html at the top. They are missing where the app
// was not built.
func Files() fs.FS {
	files, err := fs.Sub(app, "app")
	if err != nil {
		panic(err) // the folder's name is valid
	}
	return files
}
