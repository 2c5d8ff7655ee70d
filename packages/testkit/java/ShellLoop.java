import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.Arrays;
import java.util.Base64;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.conf.Configured;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileChecksum;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.util.Tool;
import org.apache.hadoop.util.ToolRunner;

/**
 * Runs Hadoop's own command-line tools one after the other in one JVM, so that a test of a hundred commands does not
 * start a hundred JVMs. A line of input is words in base64: user, class, arguments. A line of output is the exit code,
 * standard output and standard error in base64.
 */
public class ShellLoop {
  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    Base64.Decoder decoder = Base64.getDecoder();
    Base64.Encoder encoder = Base64.getEncoder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = Arrays.stream(line.split(" ", -1))
          .map(word -> new String(decoder.decode(word), StandardCharsets.UTF_8)).toArray(String[]::new);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      System.setOut(new PrintStream(out, true, "UTF-8"));
      System.setErr(new PrintStream(err, true, "UTF-8"));
      int code;
      try {
        UserGroupInformation user = UserGroupInformation.createRemoteUser(words[0]);
        code = user.doAs((PrivilegedExceptionAction<Integer>) () -> {
          Tool tool = (Tool) Class.forName(words[1]).getDeclaredConstructor().newInstance();
          return ToolRunner.run(new Configuration(), tool, Arrays.copyOfRange(words, 2, words.length));
        });
      } catch (Throwable problem) {
        problem.printStackTrace();
        code = 255;
      }
      System.out.flush();
      System.err.flush();
      answers.println(code + " " + encoder.encodeToString(out.toByteArray()) + " " + encoder.encodeToString(err.toByteArray()));
      answers.flush();
    }
  }

  /** What the shells of old releases cannot do: {@code PATH TEXT...} appends the texts. */
  public static class Append extends Configured implements Tool {
    @Override
    public int run(String[] args) throws Exception {
      Path path = new Path(args[0]);
      FSDataOutputStream out = FileSystem.get(path.toUri(), getConf()).append(path);
      // No flush between them: the client of 1.2.1 forgets what it flushed in the middle of a chunk.
      for (int i = 1; i < args.length; i++) out.write(args[i].getBytes(StandardCharsets.UTF_8));
      out.close();
      return 0;
    }
  }

  /** What the shells of old releases cannot do: {@code PATH} prints algorithm and bytes of the file's checksum. */
  public static class Checksum extends Configured implements Tool {
    @Override
    public int run(String[] args) throws Exception {
      Path path = new Path(args[0]);
      FileChecksum sum = FileSystem.get(path.toUri(), getConf()).getFileChecksum(path);
      StringBuilder hex = new StringBuilder();
      // The array may be longer: it is the buffer that the checksum was written into.
      for (int i = 0; i < sum.getLength(); i++) hex.append(String.format("%02x", sum.getBytes()[i]));
      System.out.println(sum.getAlgorithmName() + " " + hex);
      return 0;
    }
  }
}
