package dist

import (
	"io/fs"
	"testing"
)

// budget is what app.wasm may weigh on its way to a browser, in octets.
const budget = 2_000_000

// TestTheAppIsLight: the program is what a first visit waits for.
func TestTheAppIsLight(t *testing.T) {
	if size := wasmSize(t, ".br"); size > budget {
		t.Errorf("app.wasm weighs %d octets with brotli; it may weigh %d", size, budget)
	}
}

// BenchmarkAppSize reports what there is to download.
func BenchmarkAppSize(b *testing.B) {
	for b.Loop() {
	}
	b.ReportMetric(float64(wasmSize(b, "")), "octets")
	b.ReportMetric(float64(wasmSize(b, ".br")), "octets-brotli")
	b.ReportMetric(float64(wasmSize(b, ".gz")), "octets-gzip")
}

func wasmSize(t testing.TB, ending string) int64 {
	t.Helper()
	found, err := fs.Glob(Files(), "assets/app.*.wasm"+ending)
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 {
		t.Fatalf("%d builds of the app are there: run make app", len(found))
	}
	info, err := fs.Stat(Files(), found[0])
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
