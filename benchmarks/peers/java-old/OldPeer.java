import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Java's client of Hadoop 1 and 2.0 as a peer: what every release's FileSystem has. See ../README.md for the lines. */
public class OldPeer {
  static FileSystem fs;

  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] word = line.trim().split(" ");
      try {
        long start = System.nanoTime();
        long count = job(word);
        System.out.println("ok " + (System.nanoTime() - start) / 1e6 + " " + count);
      } catch (Throwable problem) {
        System.out.println("error " + problem.toString().replace('\n', ' '));
      }
      System.out.flush();
    }
  }

  static long job(String[] word) throws Exception {
    switch (word[0]) {
      case "CONNECT":
        fs = FileSystem.get(URI.create(word[1]), new Configuration());
        return 0;
      case "read": return read(new Path(word[1]));
      case "write": return write(new Path(word[1]), Long.parseLong(word[2]), Short.parseShort(word[3]));
      case "stat": return stat(new Path(word[1]), Integer.parseInt(word[2]), Integer.parseInt(word[3]));
      default: throw new IllegalArgumentException(word[0]);
    }
  }

  static long read(Path path) throws Exception {
    byte[] buffer = new byte[1 << 20];
    long total = 0;
    try (FSDataInputStream file = fs.open(path)) {
      for (int n; (n = file.read(buffer)) >= 0; ) total += n;
    }
    return total;
  }

  static long write(Path path, long bytes, short replication) throws Exception {
    byte[] buffer = new byte[1 << 20];
    for (int i = 0; i < buffer.length; i++) buffer[i] = (byte) (i * 31 + (i >> 8) * 7);
    try (FSDataOutputStream file = fs.create(path, true, 1 << 20, replication, 128L << 20)) {
      for (long left = bytes; left > 0; left -= buffer.length) file.write(buffer, 0, (int) Math.min(left, buffer.length));
    }
    return bytes;
  }

  /** COUNT times getFileInfo, INFLIGHT at a time. */
  static long stat(final Path path, final int count, int inflight) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(inflight);
    List<Future<?>> done = new ArrayList<Future<?>>();
    final AtomicInteger next = new AtomicInteger();
    for (int worker = 0; worker < inflight; worker++) {
      done.add(pool.submit((Callable<Void>) () -> {
        while (next.getAndIncrement() < count) fs.getFileStatus(path);
        return null;
      }));
    }
    for (Future<?> one : done) one.get();
    pool.shutdown();
    return count;
  }
}
