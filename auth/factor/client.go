package factor

import (
	"fmt"
	"strings"
)

// ClientID is which machine a client of the token endpoint is (RFC 6749 section
// 2.2). It is no secret.
type ClientID struct {
	Account string // id, "" if the text does not name one
	User    string // id
}

// String returns "<user>@<account>".
func (c ClientID) String() string { return c.User + "@" + c.Account }

// ParseClientID reads what String writes, or the id of a user alone. It fails with
// ErrToken if the ids are not UUIDs in lower case.
func ParseClientID(text string) (ClientID, error) {
	user, account, whole := strings.Cut(text, "@")
	_, isUser := digitsOf(user)
	_, isAccount := digitsOf(account)
	if !isUser || whole && !isAccount {
		return ClientID{}, fmt.Errorf("%w: a client id is the id of a machine user, an @ and the id of its account", ErrToken)
	}
	return ClientID{Account: account, User: user}, nil
}
