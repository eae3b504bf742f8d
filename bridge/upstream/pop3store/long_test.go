package pop3store

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// startLong starts a process that serves a maildrop of one message of so many megabytes, so
// that its memory is not this one's. It ends with the test.
func startLong(t testing.TB, megabytes int) (port int, size int64) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("POP3STORE_SERVE=%d", megabytes))
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		_ = cmd.Wait()
	})
	if _, err := fmt.Fscan(bufio.NewReader(out), &port, &size); err != nil {
		t.Fatal(err)
	}
	return port, size
}

// serveLong serves a maildrop of one message, and says at which port.
func serveLong(megabytes int) {
	line := strings.Repeat("QUJD", 19) + "\r\n"
	raw := "Subject: long\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n" + strings.Repeat(line, megabytes<<20/len(line))
	m := &maildrop{messages: []dropped{{"u1", []byte(raw)}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	fmt.Println(l.Addr().(*net.TCPAddr).Port, len(raw))
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				m.serve(c)
			}()
		}
	}()
	_, _ = io.Copy(io.Discard, os.Stdin)
}
