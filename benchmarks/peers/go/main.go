// The Go client of HDFS as a peer of the benchmark; see ../README.md for the lines it understands.
package main

import (
	"bufio"
	"fmt"
	"io"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/colinmarc/hdfs/v2"
)

var address string
var clients []*hdfs.Client

// One connection carries one call at a time in this library, so work in flight needs as many clients.
func client(index int) *hdfs.Client {
	for len(clients) <= index {
		c, err := hdfs.NewClient(hdfs.ClientOptions{Addresses: []string{address}, User: "root"})
		if err != nil {
			panic(err)
		}
		clients = append(clients, c)
	}
	return clients[index]
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		word := strings.Split(strings.TrimSpace(in.Text()), " ")
		start := time.Now()
		count, err := job(word)
		if err != nil {
			fmt.Println("error", strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Println("ok", float64(time.Since(start).Microseconds())/1000, count)
		}
	}
}

func job(word []string) (int64, error) {
	switch word[0] {
	case "CONNECT":
		address = strings.TrimPrefix(word[1], "hdfs://")
		client(0)
		return 0, nil
	case "read":
		file, err := client(0).Open(word[1])
		if err != nil {
			return 0, err
		}
		defer file.Close()
		return io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{file}, make([]byte, 1<<20))
	case "write":
		size, _ := strconv.ParseInt(word[2], 10, 64)
		replication, _ := strconv.Atoi(word[3])
		return write(word[1], size, replication)
	case "stat":
		return each(word, func(c *hdfs.Client, i int) error { _, err := c.Stat(word[1]); return err })
	case "create":
		return each(word, func(c *hdfs.Client, i int) error {
			file, err := c.CreateFile(fmt.Sprintf("%s/f%d", word[1], i), 1, 128<<20, 0644)
			if err != nil {
				return err
			}
			if _, err = file.Write(make([]byte, 1024)); err != nil {
				return err
			}
			return closed(file)
		})
	case "mkdirs":
		return each(word, func(c *hdfs.Client, i int) error { return c.MkdirAll(fmt.Sprintf("%s/d%d", word[1], i), 0755) })
	case "list":
		entries, err := client(0).ReadDir(word[1])
		return int64(len(entries)), err
	case "pread":
		return pread(word)
	}
	return 0, fmt.Errorf("unknown job %s", word[0])
}

// Close fails while the last block's replicas are not reported yet; users of the library call it again.
func closed(file *hdfs.FileWriter) error {
	for {
		err := file.Close()
		if err == nil || !hdfs.IsErrReplicating(err) {
			return err
		}
		time.Sleep(time.Millisecond)
	}
}

func write(path string, size int64, replication int) (int64, error) {
	client(0).Remove(path)
	file, err := client(0).CreateFile(path, replication, 128<<20, 0644)
	if err != nil {
		return 0, err
	}
	buffer := make([]byte, 1<<20)
	for i := range buffer {
		buffer[i] = byte(i*31 + (i>>8)*7)
	}
	for left := size; left > 0; left -= int64(len(buffer)) {
		if _, err := file.Write(buffer[:min(left, int64(len(buffer)))]); err != nil {
			return 0, err
		}
	}
	return size, closed(file)
}

func pread(word []string) (int64, error) {
	count, _ := strconv.Atoi(word[2])
	inflight, _ := strconv.Atoi(word[3])
	// ReadAt moves a shared offset in this library: every worker needs a file of its own.
	files := make([]*hdfs.FileReader, inflight)
	for i := range files {
		file, err := client(i).Open(word[1])
		if err != nil {
			return 0, err
		}
		defer file.Close()
		files[i] = file
	}
	size := files[0].Stat().Size()
	random := rand.New(rand.NewSource(7))
	places := make([]int64, count)
	for i := range places {
		places[i] = random.Int63n(size - 4096)
	}
	return workers(count, inflight, func(worker, i int) error {
		_, err := files[worker].ReadAt(make([]byte, 4096), places[i])
		return err
	})
}

func each(word []string, step func(c *hdfs.Client, i int) error) (int64, error) {
	count, _ := strconv.Atoi(word[2])
	inflight, _ := strconv.Atoi(word[3])
	client(inflight - 1)
	return workers(count, inflight, func(worker, i int) error { return step(clients[worker], i) })
}

func workers(count, inflight int, step func(worker, i int) error) (int64, error) {
	var next atomic.Int64
	var group sync.WaitGroup
	var failed atomic.Value
	for worker := 0; worker < inflight; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				if err := step(worker, i); err != nil {
					failed.Store(err)
					return
				}
			}
		}()
	}
	group.Wait()
	if err, is := failed.Load().(error); is {
		return 0, err
	}
	return int64(count), nil
}
