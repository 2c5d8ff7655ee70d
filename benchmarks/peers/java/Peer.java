import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.FileStatus;

/** Java's own client of HDFS as a peer of the benchmark; see ../README.md for the lines it understands. */
public class Peer {
  interface Step { void run(int index) throws Exception; }

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
        Configuration conf = new Configuration();
        conf.setBoolean("dfs.client.read.shortcircuit", false);
        fs = FileSystem.newInstance(URI.create(word[1]), conf);
        return 0;
      case "read": return read(new Path(word[1]));
      case "readmany":
        java.util.concurrent.atomic.AtomicLong total = new java.util.concurrent.atomic.AtomicLong();
        each(new String[] {"", "", word[2], word[2]}, index -> total.addAndGet(read(new Path(word[1], "" + index))));
        return total.get();
      case "write": return write(new Path(word[1]), Long.parseLong(word[2]), Short.parseShort(word[3]));
      case "stat": return each(word, index -> fs.getFileStatus(new Path(word[1])));
      case "create": return each(word, index -> create(new Path(word[1], "f" + index)));
      case "mkdirs": return each(word, index -> fs.mkdirs(new Path(word[1], "d" + index)));
      case "list":
        int entries = 0;
        for (RemoteIterator<FileStatus> it = fs.listStatusIterator(new Path(word[1])); it.hasNext(); it.next()) entries++;
        return entries;
      case "pread":
        try (FSDataInputStream file = fs.open(new Path(word[1]))) {
          long size = fs.getFileStatus(new Path(word[1])).getLen();
          Random random = new Random(7);
          int bytes = word.length > 4 ? Integer.parseInt(word[4]) : 4096;
          long[] places = random.longs(Integer.parseInt(word[2]), 0, size - bytes).toArray();
          return each(word, index -> file.readFully(places[index], new byte[bytes]));
        }
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

  static void create(Path path) throws Exception {
    try (FSDataOutputStream file = fs.create(path, true, 4096, (short) 1, 128L << 20)) {
      file.write(new byte[1024]);
    }
  }

  /** Runs COUNT steps, INFLIGHT at a time. */
  static long each(String[] word, Step step) throws Exception {
    int count = Integer.parseInt(word[2]), inflight = Integer.parseInt(word[3]);
    if (inflight == 1) {
      for (int i = 0; i < count; i++) step.run(i);
      return count;
    }
    ExecutorService pool = Executors.newFixedThreadPool(inflight);
    List<Future<?>> done = new ArrayList<>();
    java.util.concurrent.atomic.AtomicInteger next = new java.util.concurrent.atomic.AtomicInteger();
    for (int worker = 0; worker < inflight; worker++) {
      done.add(pool.submit((Callable<Void>) () -> {
        for (int i; (i = next.getAndIncrement()) < count; ) step.run(i);
        return null;
      }));
    }
    for (Future<?> one : done) one.get();
    pool.shutdown();
    return count;
  }
}
