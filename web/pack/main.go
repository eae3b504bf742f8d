// Command pack builds the browser's side of Hearthmail into web/dist/app: the
// program compiled to WebAssembly, the page, the scripts and styles bundled from
// web/static, icons, and compressed copies of what is worth it.
//
// Everything under assets/ is named by the hash of its content and never changes;
// index.html, sw.js and manifest.webmanifest name the assets of one build, so a
// page is never a mix of two. The same sources give the same files.
//
// pack runs at build time only and needs go, and the npm packages of web/static.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("pack", flag.ContinueOnError)
	fast := flags.Bool("fast", false, "compress quickly rather than well")
	listen := flags.String("serve", "", "build again at each page load: stand at this `address` in front of the command that follows")
	if err := flags.Parse(args); err != nil {
		return err
	}
	b := &builder{web: "web", out: "web/dist/app", cache: ".cache/pack", fast: *fast}
	if *listen != "" {
		return develop(ctx, b, *listen, flags.Args())
	}
	return b.build(ctx)
}
