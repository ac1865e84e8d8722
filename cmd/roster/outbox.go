package main

import (
	"context"
	"fmt"
	"time"

	"roster/cmd/internal/admin"
	"roster/extensions/notify"
)

type outboxCommands struct {
	List  listLettersCommand `cmd:"" default:"withargs" help:"List messages, newest first."`
	Show  showLetterCommand  `cmd:"" help:"Show a message with its text."`
	Retry retryLetterCommand `cmd:"" help:"Try to deliver a message again."`
	Drop  dropLetterCommand  `cmd:"" help:"Remove a message for good."`
}

func (outboxCommands) Help() string {
	return `Without a mail server (roster serve --smtp-host), mails stay in the outbox, and so
do text messages without a gateway (--sms-url). What a receiver refused for good,
or did not take for two days, is a dead letter: see it with --dead.

Messages hold links and codes with which people log in. They work until they expire.`
}

// letters names the outbox, or the dead letters, of an account.
type letters struct {
	connection
	Account string `required:"" placeholder:"NAME" help:"Account in whose name the messages are."`
	Dead    bool   `help:"The messages that could not be delivered."`
}

// letter names one of them.
type letter struct {
	letters
	ID string `arg:"" help:"Id of the message, as \"roster outbox list\" shows it."`
}

func (l *letter) query() admin.LetterQuery {
	return admin.LetterQuery{Account: l.Account, Dead: l.Dead, ID: l.ID}
}

type listLettersCommand struct {
	letters
	output
	Limit int `default:"100" help:"How many at most, ${default} unless set."`
}

func (c *listLettersCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		list, err := conn.ListLetters(ctx, admin.LetterQuery{Account: c.Account, Dead: c.Dead, Limit: c.Limit})
		if err != nil {
			return err
		}
		table := [][]string{{"ID", "CREATED", "KIND", "BY", "TO", "SUBJECT", "ERROR"}}
		for _, l := range list {
			table = append(table, []string{l.ID, l.Created.Format(time.RFC3339), string(l.Kind), string(l.Channel), l.To, l.Subject, l.Error})
		}
		return c.show(env, list, table)
	})
}

type showLetterCommand struct {
	letter
	output
}

func (c *showLetterCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		l, err := conn.ShowLetter(ctx, c.query())
		if err != nil {
			return err
		}
		return c.show(env, l, letterRows(l))
	})
}

// letterRows is a letter as people read it.
func letterRows(l notify.Letter) [][]string {
	rows := [][]string{
		{fmt.Sprintf("To: %s", l.To)},
		{fmt.Sprintf("Created: %s", l.Created.Format(time.RFC3339))},
	}
	if l.Subject != "" {
		rows = append(rows, []string{fmt.Sprintf("Subject: %s", l.Subject)})
	}
	if l.Error != "" {
		rows = append(rows, []string{fmt.Sprintf("Not delivered, after %d attempts: %s", l.Attempts, l.Error)})
	}
	text := l.Text
	if text == "" {
		text = string(l.Payload)
	}
	return append(rows, []string{""}, []string{text})
}

type retryLetterCommand struct{ letter }

func (c *retryLetterCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if err := conn.RetryLetter(ctx, c.query()); err != nil {
			return err
		}
		env.tell("put message %s back into its queue; a running server tries it soon", c.ID)
		return nil
	})
}

type dropLetterCommand struct{ letter }

func (c *dropLetterCommand) Run(ctx context.Context, env environment) error {
	return c.with(ctx, env, mustExist, func(conn *admin.Conn) error {
		if err := conn.DropLetter(ctx, c.query()); err != nil {
			return err
		}
		env.tell("removed message %s", c.ID)
		return nil
	})
}
