package sieve

import (
	"context"
	"strings"

	"github.com/hearthmail/hearthmail/bridge/upstream"
)

// Offers signs in, if need be, and asks what the server can do.
func (c *Client) Offers(ctx context.Context) (upstream.ScriptOffers, error) {
	var out upstream.ScriptOffers
	err := c.do(ctx, func(ctx context.Context, k *conn) error {
		a, err := k.command(ctx, stepOffers, "CAPABILITY")
		if err == nil {
			k.capabilities(a)
			out.Extensions = strings.Fields(k.offers["SIEVE"])
		}
		return err
	})
	return out, err
}

// List names the scripts (RFC 5804 §2.7).
func (c *Client) List(ctx context.Context) ([]upstream.Script, error) {
	var out []upstream.Script
	err := c.do(ctx, func(ctx context.Context, k *conn) error {
		a, err := k.command(ctx, stepList, "LISTSCRIPTS")
		out = nil
		for _, line := range a.lines {
			if len(line) == 0 || !line[0].quoted {
				continue
			}
			active := len(line) > 1 && !line[1].quoted && strings.EqualFold(line[1].text, "ACTIVE")
			out = append(out, upstream.Script{Name: line[0].text, Active: active})
		}
		return err
	})
	return out, err
}

// Get reads a script (RFC 5804 §2.9).
func (c *Client) Get(ctx context.Context, name string) (string, error) {
	var text string
	err := c.do(ctx, func(ctx context.Context, k *conn) error {
		a, err := k.command(ctx, stepGet, "GETSCRIPT", name)
		if err != nil {
			return err
		}
		if len(a.lines) != 1 || len(a.lines[0]) != 1 || !a.lines[0][0].quoted {
			return k.failure(ctx, stepGet, errSyntax)
		}
		text = a.lines[0][0].text
		return nil
	})
	return text, err
}

// Put keeps a script (RFC 5804 §2.6).
func (c *Client) Put(ctx context.Context, name, text string) error {
	return c.do(ctx, func(ctx context.Context, k *conn) error {
		_, err := k.command(ctx, stepPut, "PUTSCRIPT", name, text)
		return err
	})
}

// SetActive has the server run a script (RFC 5804 §2.8).
func (c *Client) SetActive(ctx context.Context, name string) error {
	return c.do(ctx, func(ctx context.Context, k *conn) error {
		_, err := k.command(ctx, stepActive, "SETACTIVE", name)
		return err
	})
}

// Delete removes a script (RFC 5804 §2.10).
func (c *Client) Delete(ctx context.Context, name string) error {
	return c.do(ctx, func(ctx context.Context, k *conn) error {
		_, err := k.command(ctx, stepDelete, "DELETESCRIPT", name)
		return err
	})
}
