package imapwire

// skip reads one thing of any kind and drops it: an atom, a string, a list with all
// that is in it.
func (r *reader) skip() error {
	for depth := 0; ; {
		b, err := r.peek()
		if err != nil {
			return err
		}
		if r.line > r.longest {
			return violation("a line without an end")
		}
		switch b {
		case '(':
			r.drop()
			if depth++; depth+r.depth > maxDepth {
				return violation("lists in lists without an end")
			}
		case ')':
			if depth == 0 {
				return violation("a bracket too many")
			}
			r.drop()
			depth--
		case ' ':
			if depth == 0 {
				return violation("something is missing")
			}
			r.drop()
			continue
		default:
			if _, _, err := r.text(0); err != nil {
				return err
			}
		}
		if depth == 0 {
			return nil
		}
	}
}

// skipLine drops the rest of a response, literals included.
func (r *reader) skipLine() error {
	for {
		b, err := r.next()
		if err != nil {
			return err
		}
		switch b {
		case '\n':
			return nil
		case '"':
			if _, err := r.quoted(0); err != nil {
				return err
			}
		case '{':
			if err := r.maybeLiteral(); err != nil {
				return err
			}
		}
	}
}

// maybeLiteral reads what follows a brace: a literal if it has a size and ends the
// line, else just text.
func (r *reader) maybeLiteral() error {
	n := int64(0)
	for {
		b, err := r.peek()
		if err != nil {
			return err
		}
		if b < '0' || b > '9' {
			break
		}
		if r.drop(); r.line > r.longest {
			return violation("a line without an end")
		}
		if n = n*10 + int64(b-'0'); n > 1<<40 {
			return violation("a literal that is too big")
		}
	}
	for _, want := range []byte("}\r\n") {
		b, err := r.peek()
		if err != nil {
			return err
		}
		if b != want && want != '\r' { // a line may end without it
			return nil
		}
		if b == want {
			r.drop()
		}
	}
	return r.discard(n)
}
