package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/hearthmail/hearthmail/bridge/account"
	"github.com/hearthmail/hearthmail/bridge/database"
	"github.com/hearthmail/hearthmail/bridge/demo"
	"github.com/hearthmail/hearthmail/bridge/downstream"
	"github.com/hearthmail/hearthmail/bridge/household"
	"github.com/hearthmail/hearthmail/bridge/oauth"
	"github.com/hearthmail/hearthmail/bridge/outbox"
	"github.com/hearthmail/hearthmail/bridge/pictures"
	"github.com/hearthmail/hearthmail/bridge/push"
	"github.com/hearthmail/hearthmail/bridge/roster"
	"github.com/hearthmail/hearthmail/shared/jmap"
	"github.com/hearthmail/hearthmail/web/dist"
)

// version is set when a release is built.
var version = "development"

const usage = `hearthmail is webmail for a household.

  hearthmail serve [-listen ADDR] [-data DIR] [-config FILE]   serve the app and the bridge
  hearthmail demo [-listen ADDR] [-data DIR]                   the same, with a mail provider to try it with
  hearthmail version
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdout, nil)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "hearthmail: "+err.Error())
		os.Exit(1)
	}
}

// run does what the arguments say until ctx is done. listening, unless nil, is told
// the address once it is served.
func run(ctx context.Context, args []string, getenv func(string) string, out io.Writer, listening func(addr string)) error {
	if len(args) == 0 {
		args = []string{"help"}
	}
	switch args[0] {
	case "serve":
		c, err := parseConfig("serve", args[1:], getenv)
		if err != nil {
			return err
		}
		return serve(ctx, c, out, listening, "Hearthmail is at %s")
	case "demo":
		return serveDemo(ctx, args[1:], getenv, out, listening)
	case "version":
		_, err := fmt.Fprintln(out, "hearthmail "+version)
		return err
	case "help", "-h", "-help", "--help":
		_, err := io.WriteString(out, usage)
		return err
	}
	return fmt.Errorf("there is no command %q\n\n%s", args[0], usage)
}

// serveDemo serves with a mail provider in the process.
func serveDemo(ctx context.Context, args []string, getenv func(string) string, out io.Writer, listening func(addr string)) (err error) {
	c, err := parseConfig("demo", args, getenv)
	if err != nil {
		return err
	}
	if c.Data == "" {
		if c.Data, err = os.MkdirTemp("", "hearthmail-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(c.Data)) }() //nolint:gosec // made by MkdirTemp above
	}
	provided, err := demo.Start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, provided.Close()) }()
	c.UpstreamAllow = append(c.UpstreamAllow, allowed{provided.IMAP}, allowed{provided.POP3}, allowed{provided.SMTP})
	c.Providers = append(c.Providers, provider{
		Domains: []string{"demo.test"},
		IMAP:    &server{Server: hostPort{provided.IMAP}, Security: security{"none"}},
		POP3:    &server{Server: hostPort{provided.POP3}, Security: security{"none"}},
		SMTP:    &server{Server: hostPort{provided.SMTP}, Security: security{"none"}, Auth: auth{"plain"}},
	})
	var who []string
	for _, p := range demo.People() {
		who = append(who, p.Address)
	}
	return serve(ctx, c, out, listening, "Hearthmail is at %s – sign in as "+strings.Join(who, " or ")+" with the password "+demo.People()[0].Password)
}

// serve serves until ctx is done. says is the line that says where.
func serve(ctx context.Context, c *config, out io.Writer, listening func(addr string), says string) (err error) {
	if err := c.check(); err != nil {
		return err
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // on a small box memory is scarcer than a few percent of a processor
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	slog.SetDefault(log)
	db, err := database.Open(c.Data)
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, room := range []struct {
		name  string
		steps []string
	}{{"household", household.Schema}, {"account", account.Schema}, {"outbox", outbox.Schema}, {"push", push.Schema}} {
		if err := database.Migrate(ctx, db, room.name, room.steps); err != nil {
			return fmt.Errorf("data: %w", err)
		}
	}
	ways, err := c.ways(log)
	if err != nil {
		return err
	}
	pool := account.NewPool(db, c.Data, log)
	defer pool.Close()
	fetcher := pictures.New(ways.dialer.PictureClient())
	app := dist.Files()
	if c.app != "" {
		app = os.DirFS(c.app)
	}
	house := household.New(db)
	limiter := household.NewLimiter()
	flows := oauth.NewFlows(ways.keeper)
	defer flows.Close()
	members := roster.New(roster.Config{
		House: house, Limiter: limiter, Pool: pool, Verify: ways.verify, Try: ways.try, Discover: ways.discovery, Grant: flows.Grant, Log: log,
	})
	pool.OnRefused = func(ctx context.Context, id jmap.Id) {
		if err := members.Refused(ctx, id); err != nil {
			log.WarnContext(ctx, "refused password not told", slog.String("account", string(id)), slog.Any("err", err))
		}
	}
	if err := members.Sweep(ctx); err != nil {
		return fmt.Errorf("data: %w", err)
	}
	pusher, err := push.New(ctx, push.Config{DB: db, Dir: c.Data, Client: ways.dialer.HTTPClient(), Alive: house.Alive, Log: log})
	if err != nil {
		return err
	}
	defer pusher.Close()
	front := downstream.New(downstream.Config{
		House:   house,
		Limiter: limiter,
		Open: func(ctx context.Context, credential string, session *household.Session, verify bool) (downstream.Mail, error) {
			set, err := pool.Open(ctx, ways.logins(house, session), verify)
			if err != nil || credential == "" {
				return set, err
			}
			set = set.WithRoster(members.Attend(session))
			return set.WithPush(pusher.Attend(credential, set)), nil
		},
		Flows:                flows,
		ApplicationServerKey: pusher.ApplicationServerKey(),
		Discover:             ways.discover,
		Picture: func(ctx context.Context, member, url string) (string, []byte, error) {
			p, err := fetcher.Fetch(ctx, member, url)
			return p.Type, p.Data, err
		},
		Members: c.members(),
		App:     app,
		Secure:  c.TLSCert != "" || c.BehindTLS,
		Proxied: c.BehindTLS,
		Log:     log,
	})
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen.string)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if _, err := fmt.Fprintf(out, says+"\n", c.url(listener.Addr())); err != nil {
		return err
	}
	if listening != nil {
		listening(listener.Addr().String())
	}
	return serveHTTP(ctx, c, listener, front)
}

// serveHTTP answers until ctx is done, then lets what is under way finish.
func serveHTTP(ctx context.Context, c *config, listener net.Listener, front *downstream.Server) error {
	srv := &http.Server{
		Handler:           front,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
	failed := make(chan error, 1)
	go func() {
		if c.TLSCert != "" {
			failed <- srv.ServeTLS(listener, c.TLSCert, c.TLSKey)
			return
		}
		failed <- srv.Serve(listener)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	front.Close()
	shutdown, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return srv.Shutdown(shutdown)
}
