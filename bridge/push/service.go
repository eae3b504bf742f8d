package push

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hearthmail/hearthmail/shared/jmap"
)

// Config is what a Service needs.
type Config struct {
	DB  *sql.DB
	Dir string // of the bridge's data; the key for signing lies there
	// Client posts the pushes. It must reach public addresses only.
	Client *http.Client
	// Alive reports whether a credential still opens anything.
	Alive func(ctx context.Context, credential string) (bool, error)
	Log   *slog.Logger
}

// Mail is the accounts of one credential: *account.Set.
type Mail interface {
	Accounts() map[jmap.Id]jmap.Account
	// Listen tells what changes until ctx is done or an account closes.
	Listen(ctx context.Context, since string) <-chan jmap.StateChange
}

// sweepEvery is how often is looked for what has ended.
const sweepEvery = time.Hour

// Service keeps push subscriptions and pushes. It is safe to use from any goroutine.
type Service struct {
	cfg    Config
	client *http.Client
	signer *signer
	ctx    context.Context // ends when the service closes
	cancel context.CancelFunc
	work   sync.WaitGroup

	// What tests do not wait for.
	pause   time.Duration   // between two pushes to one device; what changes meanwhile is told together
	backoff []time.Duration // between attempts; after the last one the push is given up

	mu         sync.Mutex
	listening  map[string]*listener   // by credential; guarded by mu
	deliveries map[jmap.Id]*delivery  // by subscription, what waits to be pushed; guarded by mu
	made       map[string][]time.Time // by credential, when subscriptions were made; guarded by mu
	owners     map[string]bool        // credentials with a verified subscription, or that had one; guarded by mu
}

// listener is who hears what changes for one credential.
type listener struct {
	accounts string // which accounts it listens to
	stop     context.CancelFunc
}

// New starts a service, whose tables are up to date.
func New(ctx context.Context, cfg Config) (*Service, error) {
	signer, err := loadSigner(cfg.Dir)
	if err != nil {
		return nil, err
	}
	client := *cfg.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Service{
		cfg: cfg, client: &client, signer: signer,
		pause:      2 * time.Second,
		backoff:    []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour},
		listening:  map[string]*listener{},
		deliveries: map[jmap.Id]*delivery{},
		made:       map[string][]time.Time{},
		owners:     map[string]bool{},
	}
	verified, err := s.find(ctx, `verified`)
	if err != nil {
		return nil, err
	}
	for _, sub := range verified {
		s.owners[sub.credential] = true
	}
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	s.work.Go(s.sweep)
	return s, nil
}

// Close stops pushing. What waits is not pushed: devices ask when they wake.
func (s *Service) Close() {
	s.cancel()
	s.work.Wait()
}

// ApplicationServerKey is the public half of the key that signs pushes (RFC 9749 §3).
func (s *Service) ApplicationServerKey() string { return s.signer.public }

// Attend gives the subscriptions of a credential, and sees to it that what changes in its
// accounts is pushed to them from now on.
func (s *Service) Attend(credential string, mail Mail) *Subscriptions {
	out := &Subscriptions{s: s, credential: credential, mail: mail}
	out.listen()
	return out
}

// listen listens to the accounts, unless somebody does or nobody wants to know.
func (u *Subscriptions) listen() {
	ctx, l := u.s.begin(u.credential, u.mail)
	if l == nil {
		return
	}
	changes := u.mail.Listen(ctx, "")
	u.s.work.Go(func() {
		defer l.stop()
		for change := range changes {
			u.s.changed(ctx, u.credential, change)
		}
		u.s.mu.Lock()
		defer u.s.mu.Unlock()
		if u.s.listening[u.credential] == l {
			delete(u.s.listening, u.credential)
		}
	})
}

// begin notes who is to listen for a credential; nil: nobody more.
func (s *Service) begin(credential string, mail Mail) (context.Context, *listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.owners[credential] || s.ctx.Err() != nil {
		return nil, nil
	}
	var ids []string
	for id := range mail.Accounts() {
		ids = append(ids, string(id))
	}
	slices.Sort(ids)
	accounts := strings.Join(ids, " ")
	if l := s.listening[credential]; l != nil {
		if l.accounts == accounts {
			return nil, nil
		}
		l.stop()
	}
	ctx, stop := context.WithCancel(s.ctx)
	l := &listener{accounts, stop}
	s.listening[credential] = l
	return ctx, l
}

// changed hands a change on to the subscriptions of a credential that want to know.
func (s *Service) changed(ctx context.Context, credential string, change jmap.StateChange) {
	if alive, err := s.alive(ctx, credential); err != nil || !alive {
		return
	}
	subs, err := s.find(ctx, `credential = ? AND verified`, credential)
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "push subscriptions not read", slog.Any("err", err))
		return
	}
	for _, sub := range subs {
		s.deliver(sub.id, sub.types, change.Changed)
	}
	if len(subs) == 0 {
		s.forget(credential)
	}
}

// alive reports whether a credential still opens anything, and if not removes what was
// subscribed to with it (RFC 8620 §7.2).
func (s *Service) alive(ctx context.Context, credential string) (bool, error) {
	alive, err := s.cfg.Alive(ctx, credential)
	if err == nil && !alive {
		_, err = s.remove(ctx, `credential = ?`, credential)
		s.forget(credential)
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		s.cfg.Log.WarnContext(ctx, "credential not looked up", slog.Any("err", err))
	}
	return alive, err
}

// forget no longer listens for a credential.
func (s *Service) forget(credential string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.owners, credential)
	if l := s.listening[credential]; l != nil {
		l.stop()
	}
}

// sweep removes, from time to time, what has ended.
func (s *Service) sweep() {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.ctx.Done():
			return
		}
		if _, err := s.remove(s.ctx, `expires <= ?`, time.Now().Unix()); err != nil {
			s.cfg.Log.WarnContext(s.ctx, "push subscriptions not swept", slog.Any("err", err))
		}
		all, err := s.find(s.ctx, `true`)
		if err != nil {
			continue
		}
		with := map[string]bool{}
		for _, sub := range all {
			if _, asked := with[sub.credential]; !asked {
				alive, err := s.alive(s.ctx, sub.credential)
				with[sub.credential] = alive || err != nil
			}
		}
		s.mu.Lock()
		owners := slices.Collect(maps.Keys(s.owners))
		clear(s.made)
		s.mu.Unlock()
		for _, credential := range owners {
			if !with[credential] {
				s.forget(credential)
			}
		}
	}
}
