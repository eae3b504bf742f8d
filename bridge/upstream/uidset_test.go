package upstream

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestUIDSetAgainstMap(t *testing.T) {
	uid := rapid.Uint32Range(1, 60)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOf(uid).Draw(t, "a")
		b := rapid.SliceOf(uid).Draw(t, "b")
		set := NewUIDSet(a...)
		want := slices.Compact(slices.Sorted(slices.Values(a)))
		if got := set.All(); !slices.Equal(got, want) {
			t.Fatalf("All of %v = %v", a, got)
		}
		for i, uid := range want {
			if set.At(i) != uid {
				t.Fatalf("At(%d) = %d, want %d", i, set.At(i), uid)
			}
			if at, ok := set.Index(uid); !ok || at != i {
				t.Fatalf("Index(%d) = %d, %v, want %d", uid, at, ok, i)
			}
		}
		for u := range uint32(62) {
			if set.Contains(u) != slices.Contains(want, u) {
				t.Fatalf("Contains(%d) = %v", u, set.Contains(u))
			}
		}
		minus := slices.DeleteFunc(slices.Clone(want), func(u uint32) bool { return slices.Contains(b, u) })
		if got := set.Minus(NewUIDSet(b...)).All(); !slices.Equal(got, minus) {
			t.Fatalf("%v minus %v = %v, want %v", a, b, got, minus)
		}
		with := slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
		if got := set.With(b...).All(); !slices.Equal(got, with) {
			t.Fatalf("%v with %v = %v, want %v", a, b, got, with)
		}
		both := slices.DeleteFunc(slices.Clone(want), func(u uint32) bool { return !slices.Contains(b, u) })
		if got := set.Intersect(NewUIDSet(b...)); !slices.Equal(got.All(), both) || !got.Equal(NewUIDSet(both...)) {
			t.Fatalf("%v and %v = %v, want %v", a, b, got.All(), both)
		}
		data, _ := set.MarshalBinary()
		var back UIDSet
		if err := back.UnmarshalBinary(data); err != nil || !slices.Equal(back.All(), want) {
			t.Fatalf("stored and read again: %v, %v", back.All(), err)
		}
	})
}

func FuzzUIDSetUnmarshal(f *testing.F) {
	f.Add([]byte{1, 0})
	f.Add([]byte{1, 200, 5, 3})
	f.Fuzz(func(t *testing.T, data []byte) {
		var s UIDSet
		if s.UnmarshalBinary(data) != nil {
			return
		}
		if n := s.Len(); n > 0 {
			s.At(0)
			s.At(n - 1)
		}
	})
}
