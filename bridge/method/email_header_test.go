package method

import (
	"slices"
	"strings"
	"testing"
)

// TestWhichFormsAHeaderMayHave: RFC 8621 §4.1.2 says of each form what fields it is for;
// fields of neither RFC 5322 nor RFC 2369 may have any.
func TestWhichFormsAHeaderMayHave(t *testing.T) {
	every := []string{"asRaw", "asText", "asAddresses", "asGroupedAddresses", "asMessageIds", "asDate", "asURLs"}
	for fields, forms := range map[string]string{
		"From Sender Reply-To To Cc Bcc Resent-From Resent-To Resent-Cc Resent-Bcc": "asRaw asAddresses asGroupedAddresses",
		"Subject Comments Keywords":                                    "asRaw asText",
		"Message-ID In-Reply-To References Resent-Message-ID":          "asRaw asMessageIds",
		"Date Resent-Date":                                             "asRaw asDate",
		"List-Help List-Unsubscribe List-Post List-Owner List-Archive": "asRaw asURLs",
		"Return-Path Received":                                         "asRaw",
		"X-Anything List-Id List-Unsubscribe-Post Content-Type":        strings.Join(every, " "),
	} {
		for name := range strings.FieldsSeq(fields) {
			for _, form := range every {
				for _, property := range []string{"header:" + name + ":" + form, "header:" + strings.ToLower(name) + ":" + form + ":all"} {
					if _, ok := parseHeaderProperty(property); ok != slices.Contains(strings.Fields(forms), form) {
						t.Errorf("%s: %v", property, ok)
					}
				}
			}
		}
	}
	for _, property := range []string{"header:", "header:X:", "header:X:all:asText", "header:X:asText:all:all", "header:X:astext", "headers", "Header:X", "header:X:asText:asRaw"} {
		if _, ok := parseHeaderProperty(property); ok {
			t.Errorf("%s was taken", property)
		}
	}
}
