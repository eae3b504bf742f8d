package words

import "strings"

// Pseudo is the tag of a language for tests: dates and numbers are Arabic in it.
const Pseudo = "ar-XB"

// Pretend makes up the pseudo-language's wording of an English text. It can be told from
// what was not translated, as no letter of it is ASCII, and is longer, as German is.
func Pretend(english string) string {
	// Not a variable of the room: the app itself has no use for it, and carries it not.
	strange := strings.NewReplacer(
		"a", "å", "b", "ƀ", "c", "ç", "d", "ð", "e", "é", "f", "ƒ", "g", "ĝ", "h", "ĥ", "i", "î", "j", "ĵ", "k", "ķ", "l", "ļ", "m", "ɱ",
		"n", "ñ", "o", "ö", "p", "þ", "q", "ɋ", "r", "ŕ", "s", "š", "t", "ţ", "u", "û", "v", "ṽ", "w", "ŵ", "x", "ẋ", "y", "ý", "z", "ž",
		"A", "Å", "B", "Ɓ", "C", "Ç", "D", "Ð", "E", "É", "F", "Ƒ", "G", "Ĝ", "H", "Ĥ", "I", "Î", "J", "Ĵ", "K", "Ķ", "L", "Ļ", "M", "Ṁ",
		"N", "Ñ", "O", "Ö", "P", "Þ", "Q", "Ɋ", "R", "Ŕ", "S", "Š", "T", "Ţ", "U", "Û", "V", "Ṽ", "W", "Ŵ", "X", "Ẋ", "Y", "Ý", "Z", "Ž",
	)
	text := withoutContext(english)
	var out strings.Builder
	out.WriteString("⟦")
	longer := len(text) / 4
	for {
		before, name, after, ok := placeholder(text)
		out.WriteString(strange.Replace(before))
		if !ok {
			break
		}
		out.WriteString("{" + name + "}")
		text = after
	}
	out.WriteString(strings.Repeat("·", longer) + "⟧")
	return out.String()
}
