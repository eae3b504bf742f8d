package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// lines is where the settings of a file stand: "ca_file" is a setting, "provider 1"
// the first [[provider]] and "provider 1.imap" a setting of it. The TOML library says
// the line of what it cannot read; this is for what makes no sense only when all of
// it has been read.
type lines struct {
	file string
	of   map[string]int
}

// newLines reads where the settings stand in text, as far as it is TOML.
func newLines(file string, text []byte) lines {
	l := lines{file: file, of: map[string]int{}}
	var p unstable.Parser
	p.Reset(text)
	providers, table := 0, ""
	for p.NextExpression() {
		e := p.Expression()
		key, line := "", 0
		for it := e.Key(); it.Next(); {
			if line == 0 {
				line = p.Shape(it.Node().Raw).Start.Line
			}
			key += string(it.Node().Data) + "."
		}
		key = key[:max(len(key)-1, 0)]
		switch e.Kind {
		case unstable.ArrayTable:
			providers++
			table = key + " " + strconv.Itoa(providers)
			l.of[table] = line
		case unstable.Table: // [provider.imap]: of the last provider
			table = strings.Replace(key, "provider", "provider "+strconv.Itoa(providers), 1)
			l.of[table] = line
		case unstable.KeyValue:
			if table != "" {
				key = table + "." + key
			}
			l.of[key] = line
		}
	}
	return l
}

// wrap says where the setting stands that an error is about. One that came by a flag
// or a variable has no line.
func (l lines) wrap(setting string, err error) error {
	// What stands in an inline table is where that is.
	for at := setting; at != ""; at = at[:max(strings.LastIndexByte(at, '.'), 0)] {
		if line, ok := l.of[at]; ok {
			return fmt.Errorf("%s:%d: %s: %w", l.file, line, setting, err)
		}
	}
	return fmt.Errorf("%s: %w", setting, err)
}
