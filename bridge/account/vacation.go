package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/hearthmail/hearthmail/bridge/filter"
	"github.com/hearthmail/hearthmail/bridge/upstream"
	"github.com/hearthmail/hearthmail/shared/jmap"
)

// maxScripts is how many scripts are looked at to find who replies.
const maxScripts = 20

// vacation is what the account's scripts do about automatic replies.
type vacation struct {
	object  jmap.VacationResponse // isEnabled: and our script is run
	active  string                // the script that is run; "": none
	text    string                // of the active script
	kept    bool                  // our script is there
	reached bool                  // our script is the active one, or included by what is run
	other   string                // a script that is run, and replies, and is not ours; "": none
}

// VacationResponse reads the automatic reply from the server.
func (a *Account) VacationResponse(ctx context.Context) (jmap.VacationResponse, error) {
	a.scripts.Lock()
	defer a.scripts.Unlock()
	v, err := a.readVacation(ctx)
	if err != nil {
		return jmap.VacationResponse{}, err
	}
	return v.object, a.noteVacation(ctx, v.object)
}

// readVacation costs a round trip for the list of scripts and one for each that is run.
func (a *Account) readVacation(ctx context.Context) (*vacation, error) {
	if a.cfg.Scripts == nil || !a.offersIt(jmap.CapabilityVacation) {
		return nil, upstream.ErrUnsupported
	}
	list, err := a.cfg.Scripts.List(ctx)
	if err != nil {
		return nil, err
	}
	v := &vacation{object: jmap.VacationResponse{Id: jmap.Singleton}}
	for _, s := range list {
		if s.Active {
			v.active = s.Name
		}
		v.kept = v.kept || s.Name == filter.VacationScript
	}
	if v.kept {
		text, err := a.cfg.Scripts.Get(ctx, filter.VacationScript)
		if err != nil {
			return nil, err
		}
		if object, ok := filter.ReadVacation(text); ok {
			v.object = *object
		}
	}
	if err := a.followScripts(ctx, v); err != nil {
		return nil, err
	}
	v.object.IsEnabled = v.object.IsEnabled && v.reached
	return v, nil
}

// followScripts looks at what is run: the active script, and what that includes.
func (a *Account) followScripts(ctx context.Context, v *vacation) error {
	var names []string
	if v.active != "" {
		names = append(names, v.active)
	}
	for i := 0; i < len(names) && i < maxScripts; i++ {
		if names[i] == filter.VacationScript {
			v.reached = true
			continue
		}
		text, err := a.cfg.Scripts.Get(ctx, names[i])
		if errors.Is(err, upstream.ErrNoScript) {
			continue
		}
		if err != nil {
			return err
		}
		if i == 0 {
			v.text = text
		}
		// What cannot be read by us is not run by us either.
		if replies, err := filter.Replies(text); err == nil && replies && v.other == "" {
			v.other = names[i]
		}
		included, err := filter.Reaches(text)
		if err != nil {
			continue
		}
		for _, name := range included {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return nil
}

// ChangeVacationResponse changes the automatic reply. change is given the object as it
// is. A *jmap.SetError says why it cannot be so; then nothing was done.
func (a *Account) ChangeVacationResponse(ctx context.Context, change func(v *jmap.VacationResponse) error) error {
	a.scripts.Lock()
	defer a.scripts.Unlock()
	v, err := a.readVacation(ctx)
	if err != nil {
		return err
	}
	object := v.object
	if err := change(&object); err != nil {
		return err
	}
	if same(object, v.object) {
		return nil
	}
	use := func() error { return nil }
	if object.IsEnabled {
		if use, err = a.prepare(ctx, v, &object); err != nil {
			return err
		}
	}
	addresses, err := a.addresses(ctx)
	if err != nil {
		return err
	}
	text, err := filter.Vacation(&object, addresses)
	if err != nil {
		return err
	}
	// Our script first: nobody includes what is not there yet.
	if err := a.cfg.Scripts.Put(ctx, filter.VacationScript, text); err != nil {
		return err
	}
	if err := use(); err != nil {
		return err
	}
	return a.noteVacation(ctx, object)
}

func forbidden(format string, args ...any) error {
	return &jmap.SetError{Type: jmap.SetForbidden, Description: fmt.Sprintf(format, args...)}
}

// prepare finds out how the server can be made to run our script, without taking
// anything from what it runs already. use does it, once our script is kept.
func (a *Account) prepare(ctx context.Context, v *vacation, object *jmap.VacationResponse) (use func() error, err error) {
	scripts := a.cfg.Scripts
	offers, err := scripts.Offers(ctx)
	if err != nil {
		return nil, err
	}
	if !offers.Has(filter.VacationExtensions(object)...) {
		return nil, &jmap.SetError{
			Type: jmap.SetInvalidProperties, Description: "the mail server cannot begin or end the reply by itself",
			Properties: []string{"fromDate", "toDate"},
		}
	}
	activate := func(name string) error { return scripts.SetActive(ctx, name) }
	switch {
	case v.other != "":
		return nil, forbidden("the filter script %q of another program replies already; switch that off first", v.other)
	case v.reached:
		return func() error { return nil }, nil
	case v.active == "" && !offers.Has("include"):
		return func() error { return activate(filter.VacationScript) }, nil
	case v.active == "":
		return func() error {
			// A script of that name which is not run is not ours any more if it was changed.
			text, err := scripts.Get(ctx, filter.MainScript)
			switch {
			case errors.Is(err, upstream.ErrNoScript):
				if err := scripts.Put(ctx, filter.MainScript, filter.Main()); err != nil {
					return err
				}
			case err != nil:
				return err
			case text != filter.Main():
				return activate(filter.VacationScript)
			}
			return activate(filter.MainScript)
		}, nil
	case !offers.Has("include"):
		return nil, forbidden("the filter script %q is in use, and the mail server cannot run a second one beside it", v.active)
	}
	merged, err := filter.Including(v.text, filter.VacationScript)
	if err != nil {
		return nil, forbidden("the filter script %q is in use, and the reply cannot be added to it: %v", v.active, err)
	}
	return func() error { return scripts.Put(ctx, v.active, merged) }, nil
}

// addresses is where mail may come to that is answered: the account's own address, and
// those of its identities.
func (a *Account) addresses(ctx context.Context) ([]string, error) {
	identities, err := a.Identities(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range identities {
		if !slices.Contains(out, i.Email) {
			out = append(out, i.Email)
		}
	}
	return out, nil
}

func same(a, b jmap.VacationResponse) bool {
	x, _ := json.Marshal(a) // plain structs always marshal
	y, _ := json.Marshal(b)
	return string(x) == string(y)
}

// noteVacation journals that the reply is another than it was, whoever changed it.
func (a *Account) noteVacation(ctx context.Context, object jmap.VacationResponse) error {
	raw, err := json.Marshal(object)
	if err != nil {
		return err
	}
	seen := hash(string(raw))
	return a.ask(ctx, func(s *state) error {
		if s.vacation == seen {
			return nil
		}
		var entries []entry
		if s.vacation != "" { // else nobody has seen another
			entries = []entry{{"VacationResponse", jmap.Singleton, opUpdated}}
		}
		err := a.commit(s, &entries, func(tx *sql.Tx) error {
			_, err := tx.Exec(`INSERT INTO account_vacation (account, seen) VALUES (?, ?)
				ON CONFLICT (account) DO UPDATE SET seen = excluded.seen`, a.cfg.ID, seen)
			return err
		})
		if err == nil {
			s.vacation = seen
		}
		return err
	})
}

func loadVacation(ctx context.Context, cfg Config, s *state) (err error) {
	s.vacation, err = loadText(ctx, cfg.DB, `SELECT seen FROM account_vacation WHERE account = ?`, cfg.ID)
	return err
}
