package main

import (
	"cmp"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The pages of the documentation use curl and openssl. A reader uses the real ones
// where they are installed, and otherwise what is here, which understands as much
// of them as the pages need: the tests need nothing but Go.

// chooseTool returns what there is of a tool, and says so.
func chooseTool[F any](t *testing.T, name string, installed, own F) F {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Logf("%s is not installed: this test reads its command lines itself", name)
		return own
	}
	t.Logf("%s is %s", name, path)
	return installed
}

// everyTool runs a test with each of what there is of a tool.
func everyTool[F any](t *testing.T, name string, installed, own F, test func(*testing.T, F)) {
	t.Run("own", func(t *testing.T) { test(t, own) })
	if path, err := exec.LookPath(name); err != nil {
		t.Logf("%s is not installed: only what stands for it was tested", name)
	} else {
		t.Run(path, func(t *testing.T) { test(t, installed) })
	}
}

// installedCurl lets no settings of the machine come in between.
func installedCurl(t *testing.T, folder string, args []string) (status, method, body string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "body")
	command := exec.Command("curl", append([]string{"-q", "--noproxy", "*", "-o", file, "-w", "%{http_code} %{method}"}, args...)...)
	command.Dir = folder
	var stderr strings.Builder
	command.Stderr = &stderr
	written, err := command.Output()
	require.NoError(t, err, "curl %q: %s", args, stderr.String())
	text, err := os.ReadFile(file)
	if !os.IsNotExist(err) { // there is none without a body
		require.NoError(t, err)
	}
	status, method, _ = strings.Cut(string(written), " ")
	return status, method, string(text)
}

func ownCurl(t *testing.T, folder string, args []string) (status, method, body string) {
	t.Helper()
	request, transport := readCurl(t, folder, args)
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	require.NoError(t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return strconv.Itoa(response.StatusCode), request.Method, string(text)
}

// readCurl makes a request of the flags of curl.
func readCurl(t *testing.T, folder string, args []string) (*http.Request, *http.Transport) {
	t.Helper()
	var method, target, user, certificate, key string
	var inQuery bool
	var data []string
	header, secure := http.Header{}, &tls.Config{}
	for len(args) > 0 {
		flag := args[0]
		args = args[1:]
		switch flag {
		case "-sS":
			continue
		case "-G":
			inQuery = true
			continue
		case "-X":
			method = args[0]
		case "-u":
			user = args[0]
		case "-H":
			name, value, found := strings.Cut(args[0], ": ")
			require.True(t, found, args[0])
			header.Set(name, value)
		case "-d":
			data = append(data, args[0])
		case "--data-urlencode":
			name, value, _ := strings.Cut(args[0], "=")
			data = append(data, name+"="+url.QueryEscape(value))
		case "--cert":
			certificate = filepath.Join(folder, args[0])
		case "--key":
			key = filepath.Join(folder, args[0])
		case "--cacert":
			secure.RootCAs = x509.NewCertPool()
			require.True(t, secure.RootCAs.AppendCertsFromPEM(readAll(t, folder, args[0])))
		default:
			require.NotRegexp(t, "^-", flag, "this test does not know the flag")
			target = flag
			continue
		}
		args = args[1:]
	}
	body := strings.Join(data, "&")
	if inQuery {
		target, body = target+"?"+body, ""
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		require.NoError(t, err)
		secure.Certificates = []tls.Certificate{pair}
	}
	if body != "" {
		method = cmp.Or(method, http.MethodPost)
		header.Set("Content-Type", cmp.Or(header.Get("Content-Type"), "application/x-www-form-urlencoded"))
	}
	request, err := http.NewRequest(cmp.Or(method, http.MethodGet), target, strings.NewReader(body))
	require.NoError(t, err)
	request.Header = header
	if name, password, found := strings.Cut(user, ":"); found {
		request.SetBasicAuth(name, password)
	}
	return request, &http.Transport{TLSClientConfig: secure}
}

func readAll(t *testing.T, folder, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return text
}

// TestCurl: both send the same.
func TestCurl(t *testing.T) {
	type sent struct{ Method, URL, Authorization, ContentType, Body string }
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.WriteHeader(http.StatusAccepted)
		_ = json.NewEncoder(w).Encode(sent{r.Method, r.URL.Path + "?" + r.URL.Query().Encode(), r.Header.Get("Authorization"), r.Header.Get("Content-Type"), string(body)})
	}))
	t.Cleanup(server.Close)
	folder := t.TempDir()
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server.pem"), authority, 0o600))
	const form = "application/x-www-form-urlencoded"
	for name, row := range map[string]struct {
		flags []string
		want  sent
	}{
		"a header":   {[]string{"-H", "Authorization: Bearer a"}, sent{"GET", "/?a=1&b=2", "Bearer a", "", ""}},
		"a user":     {[]string{"-u", "any:a"}, sent{"GET", "/?a=1&b=2", "Basic YW55OmE=", "", ""}},
		"a method":   {[]string{"-X", "DELETE"}, sent{"DELETE", "/?a=1&b=2", "", "", ""}},
		"a form":     {[]string{"-d", "c=3", "--data-urlencode", "d=4&"}, sent{"POST", "/?a=1&b=2", "", form, "c=3&d=4%26"}},
		"JSON":       {[]string{"-X", "PUT", "-H", "Content-Type: application/json", "-d", "{}"}, sent{"PUT", "/?a=1&b=2", "", "application/json", "{}"}},
		"parameters": {[]string{"-G", "--data-urlencode", `f=g eq "h"`}, sent{"GET", "/?f=g+eq+%22h%22", "", "", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			everyTool(t, "curl", installedCurl, ownCurl, func(t *testing.T, curl func(*testing.T, string, []string) (string, string, string)) {
				target := server.URL + "/?a=1&b=2"
				if name == "parameters" {
					target = server.URL
				}
				status, method, body := curl(t, folder, append([]string{"-sS", target, "--cacert", "server.pem"}, row.flags...))
				require.Equal(t, "202 "+row.want.Method, status+" "+method)
				var got sent
				require.NoError(t, json.Unmarshal([]byte(body), &got))
				require.Equal(t, row.want, got)
			})
		})
	}
}

func installedOpenSSL(t *testing.T, folder string, args []string) {
	t.Helper()
	command := exec.Command("openssl", args...)
	command.Dir = folder
	output, err := command.CombinedOutput()
	require.NoError(t, err, "openssl %q: %s", args, output)
}

// ownOpenSSL makes a certificate that signs itself (req), a key of RSA (genpkey),
// or the public half of a key (pkey).
func ownOpenSSL(t *testing.T, folder string, args []string) {
	t.Helper()
	flags := map[string]string{}
	for i, word := range args[:len(args)-1] {
		if strings.HasPrefix(word, "-") {
			flags[word] = args[i+1]
		}
	}
	write := func(flag, kind string, der []byte, err error) {
		require.NoError(t, err)
		require.NotEmpty(t, flags[flag], flag)
		text := pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
		require.NoError(t, os.WriteFile(filepath.Join(folder, flags[flag]), text, 0o600))
	}
	writeKey := func(flag string, key crypto.PrivateKey, err error) {
		require.NoError(t, err)
		der, err := x509.MarshalPKCS8PrivateKey(key)
		write(flag, "PRIVATE KEY", der, err)
	}
	switch args[0] {
	case "req":
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		writeKey("-keyout", key, err)
		template := &x509.Certificate{
			SerialNumber: big.NewInt(time.Now().UnixNano()),
			Subject:      pkix.Name{CommonName: strings.TrimPrefix(flags["-subj"], "/CN=")},
			NotBefore:    time.Now(), NotAfter: time.Now().Add(time.Hour),
			IsCA: true, BasicConstraintsValid: true, // as openssl makes them
		}
		if address, found := strings.CutPrefix(flags["-addext"], "subjectAltName=IP:"); found {
			template.IPAddresses = []net.IP{net.ParseIP(address)}
		}
		der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
		write("-out", "CERTIFICATE", der, err)
	case "genpkey":
		require.Equal(t, "RSA", flags["-algorithm"])
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		writeKey("-out", key, err)
	case "pkey":
		der, err := x509.MarshalPKIXPublicKey(privateKey(t, folder, flags["-in"]).Public())
		write("-out", "PUBLIC KEY", der, err)
	default:
		require.Fail(t, "this test does not know the command", "openssl %q", args)
	}
}

// privateKey reads a key that openssl made.
func privateKey(t *testing.T, folder, name string) crypto.Signer {
	t.Helper()
	block, _ := pem.Decode(readAll(t, folder, name))
	require.NotNil(t, block, name)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	require.NoError(t, err)
	return key.(crypto.Signer)
}

// TestOpenSSL: both make what the pages need.
func TestOpenSSL(t *testing.T) {
	everyTool(t, "openssl", installedOpenSSL, ownOpenSSL, func(t *testing.T, openssl func(*testing.T, string, []string)) {
		folder := t.TempDir()
		openssl(t, folder, strings.Fields("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 365 -subj /CN=roster -addext subjectAltName=IP:127.0.0.1 -keyout s.key -out s.pem"))
		pair, err := tls.LoadX509KeyPair(filepath.Join(folder, "s.pem"), filepath.Join(folder, "s.key"))
		require.NoError(t, err)
		require.Equal(t, "roster", pair.Leaf.Subject.CommonName)
		require.NoError(t, pair.Leaf.VerifyHostname("127.0.0.1"))

		openssl(t, folder, strings.Fields("genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out k.key"))
		openssl(t, folder, strings.Fields("pkey -in k.key -pubout -out k.pub"))
		block, _ := pem.Decode(readAll(t, folder, "k.pub"))
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		require.NoError(t, err)
		require.Equal(t, privateKey(t, folder, "k.key").Public(), public)
	})
}
