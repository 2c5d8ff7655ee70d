import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumSet;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.DFSUtilClient;
import org.apache.hadoop.hdfs.protocol.DatanodeID;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.protocol.datatransfer.IOStreamPair;
import org.apache.hadoop.hdfs.protocol.datatransfer.TrustedChannelResolver;
import org.apache.hadoop.hdfs.protocol.datatransfer.sasl.DataTransferSaslUtil;
import org.apache.hadoop.hdfs.protocol.datatransfer.sasl.SaslDataTransferClient;
import org.apache.hadoop.hdfs.protocol.datatransfer.sasl.SaslDataTransferServer;
import org.apache.hadoop.hdfs.security.token.block.BlockPoolTokenSecretManager;
import org.apache.hadoop.hdfs.security.token.block.BlockTokenIdentifier;
import org.apache.hadoop.hdfs.security.token.block.BlockTokenSecretManager;
import org.apache.hadoop.hdfs.server.datanode.DNConf;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.security.token.Token;

/**
 * Both ends of Java's SASL data transfer with block tokens, without a cluster: for each line of its input,
 * `server PROTECTION SUITES` or `client PROTECTION SUITES PORT`, it serves or makes one connection, and echoes what it
 * reads until the end. A server says its port; first of all comes a line with a token that its secrets have signed.
 */
public class SaslPeer {
  static final String POOL = "BP-1-127.0.0.1-7";
  static BlockTokenSecretManager secrets;
  static Token<BlockTokenIdentifier> token;

  public static void main(String[] args) throws Exception {
    Configuration kerberos = new Configuration(false);
    kerberos.set("hadoop.security.authentication", "kerberos");
    // Nobody logs in: this only makes Java think of SASL at all.
    System.setProperty("java.security.krb5.realm", "NOWHERE");
    System.setProperty("java.security.krb5.kdc", "127.0.0.1");
    UserGroupInformation.setConfiguration(kerberos);
    secrets = new BlockTokenSecretManager(600_000, 600_000, 0, 1, POOL, null, false);
    token = secrets.generateToken("somebody", new ExtendedBlock(POOL, 5, 1, 1001),
        EnumSet.allOf(BlockTokenIdentifier.AccessMode.class), null, null);
    HexFormat hex = HexFormat.of();
    System.out.println(hex.formatHex(token.getIdentifier()) + " " + hex.formatHex(token.getPassword()));
    java.io.BufferedReader lines = new java.io.BufferedReader(new java.io.InputStreamReader(System.in));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] words = line.split(" ");
      Configuration conf = new Configuration(kerberos);
      conf.set("dfs.data.transfer.protection", words[1]);
      if (!words[2].equals("none")) conf.set("dfs.encrypt.data.transfer.cipher.suites", words[2]);
      if (words[0].equals("server")) serve(conf);
      else dial(conf, Integer.parseInt(words[3]));
    }
  }

  static void serve(Configuration conf) throws Exception {
    BlockPoolTokenSecretManager pools = new BlockPoolTokenSecretManager();
    pools.addBlockPool(POOL, secrets);
    SaslDataTransferServer server = new SaslDataTransferServer(new DNConf(new org.apache.hadoop.conf.Configured(conf)), pools);
    ServerSocket listener = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
    System.out.println(listener.getLocalPort());
    Thread thread = new Thread(() -> {
      try (Socket socket = listener.accept()) {
        listener.close();
        echo(server.receive(DFSUtilClient.peerFromSocket(socket), socket.getOutputStream(), socket.getInputStream(), 9866, null));
      } catch (Exception e) {
        e.printStackTrace();
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  static void dial(Configuration conf, int port) throws Exception {
    SaslDataTransferClient client = new SaslDataTransferClient(conf, DataTransferSaslUtil.getSaslPropertiesResolver(conf),
        TrustedChannelResolver.getInstance(conf));
    Thread thread = new Thread(() -> {
      try (Socket socket = new Socket("127.0.0.1", port)) {
        DatanodeID id = new DatanodeID("127.0.0.1", "localhost", "uuid", 9866, 0, 0, 0);
        echo(client.newSocketSend(socket, socket.getOutputStream(), socket.getInputStream(), () -> null, token, id));
      } catch (Exception e) {
        e.printStackTrace();
      }
    });
    thread.setDaemon(true);
    thread.start();
  }

  /** Messages are led by their length, so that what is read need not be what was written at once. */
  static void echo(IOStreamPair streams) throws Exception {
    DataInputStream in = new DataInputStream(streams.in);
    OutputStream out = streams.out;
    try {
      for (;;) {
        byte[] message = new byte[in.readInt()];
        in.readFully(message);
        byte[] framed = new byte[4 + message.length];
        java.nio.ByteBuffer.wrap(framed).putInt(message.length).put(message);
        out.write(framed, 0, framed.length);
        out.flush();
      }
    } catch (EOFException e) {
      out.close();
    }
  }
}
