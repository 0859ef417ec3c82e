// The one program in the testbed's images. Charts choose what it does by argument, and how by options: every option is
// either an argument --some-name=value or a variable SOME_NAME, so that a chart can set it wherever it likes.
//
//	serve                 HTTP on --port (8080): /healthz, /readyz, / (prints --message), stops at once on SIGTERM
//	  --ready=false         never ready            --ready-after=5s    ready later
//	  --unready-after=5s    loses readiness        --unhealthy-after=5s  /healthz answers 500 from then on
//	  --start-delay=5s      listens later          --stop-delay=5s     takes its time on SIGTERM
//	  --exit-after=5s       crashes like `crash`   --log-every=1s      a line now and then
//	  --unready-file=/f     not ready while /f exists
//	crash [line…]         some normal lines, then the lines given (or --crash-message), then exit --exit-code (1)
//	  --delay=5s            first lives that long  --lines=20          number of normal lines (3)
//	sleep [5s]            for ever without an argument; SIGTERM ends it with 143, with --ignore-term=true nothing but SIGKILL
//	exit [n]              ends at once with that code
//	print text…           prints and ends          env NAME…           prints variables and ends
//	eat [64Mi]            takes that much memory, then sleeps; `eat` alone takes all it can get
//	get url [expected]    one HTTP request, fails unless the status is 200 and the body contains what is expected
//	write file text…      says why when it cannot  exists file         ends with 1 when the file is not there
//	pause                 holds a pod's namespaces open
package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

var options = map[string]string{}
var words []string

func main() {
	for _, arg := range os.Args[1:] {
		if name, value, found := strings.Cut(strings.TrimPrefix(arg, "--"), "="); found && strings.HasPrefix(arg, "--") {
			options[name] = value
		} else {
			words = append(words, arg)
		}
	}
	verb := option("mode", "serve")
	if len(words) > 0 {
		verb, words = words[0], words[1:]
	}
	switch verb {
	case "serve":
		serve()
	case "crash":
		time.Sleep(duration("delay", 0))
		crash()
	case "sleep":
		sleep()
	case "exit":
		os.Exit(number(word(0, "0")))
	case "print":
		fmt.Println(strings.Join(words, " "))
	case "env":
		for _, name := range words {
			fmt.Printf("%s=%s\n", name, os.Getenv(name))
		}
	case "eat":
		eat()
	case "get":
		get()
	case "write":
		if err := os.WriteFile(word(0, ""), []byte(strings.Join(words[min(1, len(words)):], " ")), 0o644); err != nil {
			fail(err.Error())
		}
	case "exists":
		if _, err := os.Stat(word(0, "")); err != nil {
			fail(err.Error())
		}
	case "pause":
		pause()
	default:
		fail("unknown command " + verb)
	}
}

func serve() {
	started := time.Now()
	since := func(name string) bool {
		limit := duration(name, -1)
		return limit >= 0 && time.Since(started) >= limit
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	port := option("port", "8080")
	var connected atomic.Int64
	server := http.Server{Addr: ":" + port, ConnState: func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			connected.Add(1)
		case http.StateClosed:
			connected.Add(-1)
		}
	}}
	go func() {
		received := <-stop
		log("received %s, stopping", received)
		time.Sleep(duration("stop-delay", 0))
		// Whoever has been let in is answered; the kubelet's patience ends it otherwise. Shutdown would not do: it hangs up on
		// those who are connected and have not asked yet, which takes clients on a busy machine seconds.
		for server.SetKeepAlivesEnabled(false); connected.Load() > 0; {
			time.Sleep(10 * time.Millisecond)
		}
		os.Exit(0)
	}()
	if limit := duration("exit-after", -1); limit >= 0 {
		time.AfterFunc(limit, crash)
	}
	if every := duration("log-every", 0); every > 0 {
		go func() {
			for count := 1; ; count++ {
				time.Sleep(every)
				log("still serving, line %d", count)
			}
		}()
	}
	log("starting version %s", option("app-version", "0"))
	time.Sleep(duration("start-delay", 0))
	http.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, !since("unhealthy-after"), "healthy", "unhealthy: worker loop is stuck", 500)
	})
	http.HandleFunc("/readyz", func(w http.ResponseWriter, _ *http.Request) {
		ready := option("ready", "true") != "false" && !since("unready-after")
		if wait := duration("ready-after", -1); wait >= 0 && time.Since(started) < wait {
			ready = false
		}
		if file := option("unready-file", ""); file != "" {
			if _, err := os.Stat(file); err == nil {
				ready = false
			}
		}
		answer(w, ready, "ready", "not ready: waiting for the database", 503)
	})
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintln(w, option("message", "version "+option("app-version", "0")))
	})
	log("listening on port %s", port)
	fail(server.ListenAndServe().Error())
}

func answer(w http.ResponseWriter, good bool, yes string, no string, status int) {
	if good {
		fmt.Fprintln(w, yes)
		return
	}
	http.Error(w, no, status)
}

func crash() {
	lines := number(option("lines", "3"))
	for line := 1; line <= lines; line++ {
		log("starting up, step %d of %d", line, lines)
	}
	last := words
	if len(last) == 0 {
		last = strings.Split(option("crash-message", "FATAL: something went wrong"), "\n")
	}
	for _, line := range last {
		fmt.Fprintln(os.Stderr, line)
	}
	os.Exit(number(option("exit-code", "1")))
}

func sleep() {
	if option("ignore-term", "false") == "true" {
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	} else {
		endOnTerm(143)
	}
	if text := word(0, ""); text != "" {
		limit, err := time.ParseDuration(text)
		if err != nil {
			fail(err.Error())
		}
		time.Sleep(limit)
		return
	}
	forever()
}

func eat() {
	endOnTerm(143)
	limit := int64(1) << 50
	if text := word(0, ""); text != "" {
		limit = int64(number(strings.TrimSuffix(text, "Mi"))) << 20
	}
	var held [][]byte
	for taken := int64(0); taken < limit; taken += 1 << 20 {
		block := make([]byte, 1<<20)
		for i := 0; i < len(block); i += 4096 {
			block[i] = 1 // a page counts only once it is written to
		}
		held = append(held, block)
	}
	log("holding %d MiB", len(held))
	forever()
}

func get() {
	client := http.Client{Timeout: duration("timeout", 5*time.Second)}
	response, err := client.Get(word(0, "http://127.0.0.1:8080/healthz"))
	if err != nil {
		fail(err.Error())
	}
	body, _ := io.ReadAll(response.Body)
	fmt.Printf("%s\n%s", response.Status, body)
	if response.StatusCode != 200 || !strings.Contains(string(body), word(1, "")) {
		os.Exit(1)
	}
}

func pause() {
	// As process 1 of a shared process namespace it inherits orphans, which stay zombies unless somebody waits for them.
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	go func() {
		for range children {
			for {
				if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); err != nil || pid <= 0 {
					break
				}
			}
		}
	}()
	endOnTerm(0)
	forever()
}

// Process 1 of a container has no default handlers: without this SIGTERM would be ignored.
func endOnTerm(code int) {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(code)
	}()
}

// An empty select would be reported as a deadlock when nothing else runs.
func forever() {
	for {
		time.Sleep(time.Hour)
	}
}

func option(name string, fallback string) string {
	if value, found := options[name]; found {
		return value
	}
	if value, found := os.LookupEnv(strings.ToUpper(strings.ReplaceAll(name, "-", "_"))); found {
		return value
	}
	return fallback
}

func duration(name string, fallback time.Duration) time.Duration {
	text := option(name, "")
	if text == "" {
		return fallback
	}
	value, err := time.ParseDuration(text)
	if err != nil {
		fail("--" + name + ": " + err.Error())
	}
	return value
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err.Error())
	}
	return value
}

func word(index int, fallback string) string {
	if index < len(words) {
		return words[index]
	}
	return fallback
}

func log(format string, values ...any) {
	fmt.Printf(time.Now().UTC().Format("15:04:05.000 ")+format+"\n", values...)
}

func fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	os.Exit(1)
}
