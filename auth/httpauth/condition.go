package httpauth

import (
	"net/http"
	"strings"
)

// Condition is what a request asks of the present version of what it is about, by
// If-Match and If-None-Match (RFC 9110 section 13.1). Tags are compared weakly:
// all tags of this server are weak (RFC 7644 section 3.14).
type Condition struct{ match, noneMatch []string }

// ConditionOf reads what a request asks.
func ConditionOf(r *http.Request) Condition {
	return Condition{r.Header.Values("If-Match"), r.Header.Values("If-None-Match")}
}

// IsNone reports whether nothing is asked.
func (c Condition) IsNone() bool { return len(c.match)+len(c.noneMatch) == 0 }

// Wants reports whether If-Match holds for an entity tag, as it does if it was not
// sent.
func (c Condition) Wants(etag string) bool { return len(c.match) == 0 || names(c.match, etag) }

// Excludes reports whether If-None-Match names an entity tag: who reads has that
// version already, and who changes wanted another one.
func (c Condition) Excludes(etag string) bool { return names(c.noneMatch, etag) }

// names looks a tag up in a header. No tag of this server has a comma in it.
func names(header []string, etag string) bool {
	list := strings.Join(header, ",")
	if strings.TrimSpace(list) == "*" {
		return true
	}
	present := strings.TrimPrefix(etag, "W/")
	for tag := range strings.SplitSeq(list, ",") {
		if strings.TrimPrefix(strings.TrimSpace(tag), "W/") == present {
			return true
		}
	}
	return false
}
