import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.protocol.DatanodeID;
import org.apache.hadoop.net.StaticMapping;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * NameNodes without DataNodes, as Hadoop's own tests start them, many in one JVM. A line of input is words in base64:
 * number of the cluster, command, arguments. A line of output is a flag (0 is well) and an answer in base64.
 */
public class NameNodeLoop {
  private static final Map<String, MiniDFSCluster> CLUSTERS = new HashMap<>();

  public static void main(String[] args) throws Exception {
    PrintStream answers = System.out;
    System.setOut(System.err);
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    Base64.Decoder decoder = Base64.getDecoder();
    for (String line; (line = in.readLine()) != null; ) {
      String[] words = Arrays.stream(line.split(" ", -1))
          .map(word -> new String(decoder.decode(word), StandardCharsets.UTF_8)).toArray(String[]::new);
      int flag = 0;
      String answer;
      try {
        answer = perform(words);
      } catch (Throwable problem) {
        problem.printStackTrace();
        flag = 1;
        answer = problem.toString();
      }
      answers.println(flag + " " + Base64.getEncoder().encodeToString(answer.getBytes(StandardCharsets.UTF_8)));
      answers.flush();
    }
    for (MiniDFSCluster cluster : CLUSTERS.values()) cluster.shutdown();
    System.exit(0);
  }

  private static String perform(String[] words) throws Exception {
    MiniDFSCluster cluster = CLUSTERS.get(words[0]);
    switch (words[1]) {
      case "start":
        return start(words);
      case "stop":
        cluster.shutdownNameNode(0);
        return "";
      case "restart":
        cluster.restartNameNode(0, false);
        return addresses(cluster);
      case "close":
        CLUSTERS.remove(words[0]).shutdown();
        return "";
      case "safemode":
        return String.valueOf(cluster.getNamesystem().isInSafeMode());
      case "leases":
        cluster.setLeasePeriod(Long.parseLong(words[2]), Long.parseLong(words[3]));
        return "";
      case "dead":
        DatanodeID node = cluster.getNamesystem().getBlockManager().getDatanodeManager().getDatanode(words[2]);
        cluster.setDataNodeDead(node);
        return "";
      case "rack":
        StaticMapping.addNodeToRack(words[2], words[3]);
        return "";
      case "groups":
        UserGroupInformation.createUserForTesting(words[2], Arrays.copyOfRange(words, 3, words.length));
        return "";
      default:
        throw new IllegalArgumentException(words[1]);
    }
  }

  /** start DIR FORMAT PORT HTTP_PORT NAME VALUE NAME VALUE ... */
  private static String start(String[] words) throws Exception {
    Configuration conf = new HdfsConfiguration() {
      @Override
      public void setInt(String name, int value) {
        // MiniDFSCluster lowers the replication to the number of its DataNodes; those that it does not know count.
        if (!name.equals("dfs.replication")) super.setInt(name, value);
      }
    };
    for (int i = 6; i + 1 < words.length; i += 2) conf.set(words[i], words[i + 1]);
    MiniDFSCluster cluster = new MiniDFSCluster.Builder(conf, new File(words[2])).numDataNodes(0)
        .format(words[3].equals("true")).nameNodePort(Integer.parseInt(words[4]))
        .nameNodeHttpPort(Integer.parseInt(words[5])).waitSafeMode(false).build();
    CLUSTERS.put(words[0], cluster);
    return addresses(cluster);
  }

  private static String addresses(MiniDFSCluster cluster) {
    return cluster.getNameNodePort() + " " + cluster.getNameNode().getHttpAddress().getPort();
  }
}
