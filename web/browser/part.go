//go:build !js

package browser

import "context"

// Text reads nothing here.
func Text(context.Context, string, string, int) (string, bool, error) { return "", false, errNoBrowser }

// ShowPicture draws nothing here.
func ShowPicture(string, string, int) (end func()) { return func() {} }

// Save, Copy, Print and SetMailView do nothing here.
func Save(string, string)            {}
func Copy(string)                    {}
func Print()                         {}
func SetMailView(string, bool, bool) {}

// MailQuoted is never so here.
func MailQuoted(string) bool { return false }
