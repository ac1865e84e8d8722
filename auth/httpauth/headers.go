package httpauth

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// protect sets what every answer says to browsers and caches, unless its handler
// says otherwise: nothing here is a page, and all may be personal.
func protect(h http.Header, scheme string) {
	lines := []string{"nosniff", "no-store", "default-src 'none'; frame-ancestors 'none'", "no-referrer", "max-age=31536000"}
	h["X-Content-Type-Options"] = lines[0:1:1]
	h["Cache-Control"] = lines[1:2:2]
	h["Content-Security-Policy"] = lines[2:3:3]
	h["Referrer-Policy"] = lines[3:4:4]
	if scheme == "https" {
		h["Strict-Transport-Security"] = lines[4:5:5]
	}
}

// preflightAge is for how long a browser need not ask again.
const preflightAge = 10 * time.Minute

// What pages of other origins may send and read.
const (
	sendable = "Authorization, Content-Type, If-Match, If-None-Match, X-Account-Id, " + CorrelationHeader
	readable = "ETag, Location, Retry-After, WWW-Authenticate, X-Rate-Limit-Limit, X-Rate-Limit-Remaining, X-Rate-Limit-Reset, " + CorrelationHeader
)

// share lets pages of the configured origins read the answer (the CORS protocol,
// https://fetch.spec.whatwg.org/#http-cors-protocol). Credentials that a browser
// adds by itself are never part of it.
func (m *Mux) share(h http.Header, r *http.Request) {
	if len(m.config.Origins) == 0 {
		return
	}
	h.Add("Vary", "Origin")
	if origin := r.Header.Get("Origin"); slices.Contains(m.config.Origins, origin) {
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", readable)
	}
}

// allow answers OPTIONS for a path: with its methods, and, if a page asks that may,
// with what it may send.
func (x *exchange) allow(r *http.Request) {
	h, methods := x.Header(), x.methods.allow()
	h.Set("Allow", methods)
	if h.Get("Access-Control-Allow-Origin") != "" && r.Header.Get("Access-Control-Request-Method") != "" {
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", sendable)
		h.Set("Access-Control-Max-Age", strconv.Itoa(int(preflightAge.Seconds())))
	}
	x.WriteHeader(http.StatusNoContent)
}

// checkOrigins takes only what browsers send as an origin, which would else never
// be met: no wildcard, no path, no capital letters.
func checkOrigins(origins []string) error {
	for _, o := range origins {
		u, err := url.Parse(o)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || o != strings.ToLower(u.Scheme+"://"+u.Host) || strings.Contains(o, "*") {
			return fmt.Errorf("origin %q: write it as browsers do, such as https://app.example.com, without a path", o)
		}
	}
	return nil
}
