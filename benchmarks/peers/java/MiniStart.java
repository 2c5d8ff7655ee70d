import java.io.File;
import java.nio.file.Files;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** Prints how many milliseconds Java's own embedded cluster takes from its start to the first byte written. */
public class MiniStart {
  public static void main(String[] args) throws Exception {
    File dir = Files.createTempDirectory("mini-start").toFile();
    long start = System.nanoTime();
    Configuration conf = new Configuration();
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf, dir).numDataNodes(1).build();
    try (FSDataOutputStream file = cluster.getFileSystem().create(new Path("/first"))) {
      file.write('x');
    }
    System.out.println((System.nanoTime() - start) / 1e6);
    cluster.shutdown(true);
    System.exit(0);
  }
}
