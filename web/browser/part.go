//go:build !js

package browser

import (
	"context"
	"time"
)

// Text reads nothing here.
func Text(context.Context, string, string, int) (string, bool, error) { return "", false, errNoBrowser }

// ShowText shows nothing here.
func ShowText(string, []TextPart, func(string)) (end func()) { return func() {} }

// ShowPicture draws nothing here.
func ShowPicture(string, string, int) (end func()) { return func() {} }

// ShowPDF draws nothing here.
func ShowPDF(string, string, int, string, func(string, int, int)) PDF { return noPDF }

// Save does nothing here.
func Save(string, string) {}

// Copy does nothing here.
func Copy(string) {}

// Print does nothing here.
func Print() {}

// SetMailView does nothing here.
func SetMailView(string, bool, bool) {}

// SetMailZoom does nothing here.
func SetMailZoom(string, float64) {}

// MailFit is always 1 here.
func MailFit(string) (zoom float64) { return 1 }

// MailQuoted is never so here.
func MailQuoted(string) bool { return false }

// Wall takes every clock for the reader's own, and that for UTC.
func Wall(zone string, wall time.Time) (time.Time, bool) { return wall, zone == "" }

// FormatWall writes a time the same everywhere.
func FormatWall(format string, wall time.Time) string { return Format(format, wall) }

// OpenEditor opens none here.
func OpenEditor(string, string, string, map[string]string, EditorEvents) Editor { return noEditor }

// SaveText does nothing here.
func SaveText(string, string, string) {}

// ReadText reads nothing here.
func ReadText(any, int) (string, error) { return "", errNoBrowser }

// Shrink shrinks nothing here.
func Shrink(any) (File, bool) { return File{}, false }

// Keep keeps nothing here.
func (Written) Keep(_, _ string, done func(error)) { done(errNoBrowser) }

// Drop has nothing to forget.
func (Written) Drop(string) {}

// LeftBehind finds nothing.
func (Written) LeftBehind() (map[string]string, error) { return nil, errNoBrowser }

// AwaitEditor awaits none here.
func AwaitEditor() {}

// Flatten leaves HTML as it is: nothing here knows style sheets.
func Flatten(html string) string { return html }
