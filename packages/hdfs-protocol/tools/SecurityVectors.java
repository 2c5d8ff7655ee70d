import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.CallbackHandler;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.sasl.AuthorizeCallback;
import javax.security.sasl.RealmCallback;
import javax.security.sasl.Sasl;
import javax.security.sasl.SaslClient;
import javax.security.sasl.SaslServer;
import org.apache.hadoop.fs.StorageType;
import org.apache.hadoop.hdfs.protocol.ExtendedBlock;
import org.apache.hadoop.hdfs.security.token.block.BlockKey;
import org.apache.hadoop.hdfs.security.token.block.BlockTokenIdentifier;
import org.apache.hadoop.hdfs.security.token.block.BlockTokenSecretManager;
import org.apache.hadoop.hdfs.security.token.block.DataEncryptionKey;
import org.apache.hadoop.security.token.Token;

/**
 * Writes what Java makes of block tokens, encryption keys and DIGEST-MD5 as JSON, for test-data/security-java.json:
 *
 *     java -cp "$HADOOP_JARS" SecurityVectors.java > ../test-data/security-java.json
 */
public class SecurityVectors {
  static String hex(byte[] bytes) {
    return "\"" + HexFormat.of().formatHex(bytes) + "\"";
  }

  static String token(boolean protobuf) throws Exception {
    BlockTokenSecretManager manager =
        new BlockTokenSecretManager(600_000, 600_000, 0, 1, "BP-1-127.0.0.1-7", "3des", protobuf);
    BlockKey key = manager.exportKeys().getCurrentKey();
    ExtendedBlock block = new ExtendedBlock("BP-1-127.0.0.1-7", protobuf ? -9223372036854775792L : 1073741825L, 10, 1001);
    List<String> tokens = new ArrayList<>();
    for (BlockTokenIdentifier.AccessMode mode : BlockTokenIdentifier.AccessMode.values()) {
      Token<BlockTokenIdentifier> made = manager.generateToken("hdfs", block, EnumSet.of(mode),
          new StorageType[] {StorageType.DISK, StorageType.RAM_DISK}, new String[] {"DS-1", "DS-2"});
      BlockTokenIdentifier id = made.decodeIdentifier();
      tokens.add("{\"mode\":\"" + mode + "\",\"expiryDate\":\"" + id.getExpiryDate() + "\",\"identifier\":"
          + hex(made.getIdentifier()) + ",\"password\":" + hex(made.getPassword()) + "}");
    }
    Token<BlockTokenIdentifier> all = manager.generateToken(null, block,
        EnumSet.allOf(BlockTokenIdentifier.AccessMode.class), null, null);
    tokens.add("{\"mode\":\"all\",\"expiryDate\":\"" + all.decodeIdentifier().getExpiryDate() + "\",\"identifier\":"
        + hex(all.getIdentifier()) + ",\"password\":" + hex(all.getPassword()) + "}");
    DataEncryptionKey data = manager.generateDataEncryptionKey();
    return "{\"form\":\"" + (protobuf ? "protobuf" : "legacy") + "\",\"keyId\":" + key.getKeyId() + ",\"key\":"
        + hex(key.getKey().getEncoded()) + ",\"blockId\":\"" + block.getBlockId() + "\",\"tokens\":[\n"
        + String.join(",\n", tokens) + "],\"nonce\":" + hex(data.nonce) + ",\"encryptionKey\":"
        + hex(data.encryptionKey) + "}";
  }

  static final String USER = "-1712 BP-1-127.0.0.1-7 qg2Xn1k=";

  static String digest(String qop, String cipher) throws Exception {
    CallbackHandler handler = callbacks -> {
      for (Callback callback : callbacks) {
        if (callback instanceof NameCallback name) name.setName(USER);
        else if (callback instanceof PasswordCallback password) password.setPassword("c2VjcmV0".toCharArray());
        else if (callback instanceof RealmCallback realm) realm.setText(realm.getDefaultText());
        else if (callback instanceof AuthorizeCallback authorize) {
          authorize.setAuthorized(true);
          authorize.setAuthorizedID(authorize.getAuthorizationID());
        }
      }
    };
    Map<String, String> props = new HashMap<>();
    props.put(Sasl.QOP, qop);
    props.put(Sasl.SERVER_AUTH, "true");
    if (cipher != null) {
      props.put("com.sun.security.sasl.digest.cipher", cipher);
      props.put(Sasl.STRENGTH, "high,medium,low");
    }
    SaslServer server = Sasl.createSaslServer("DIGEST-MD5", "hdfs", "0", props, handler);
    SaslClient client = Sasl.createSaslClient(new String[] {"DIGEST-MD5"}, USER, "hdfs", "0", props, handler);
    byte[] challenge = server.evaluateResponse(new byte[0]);
    byte[] response = client.evaluateChallenge(challenge);
    byte[] proof = server.evaluateResponse(response);
    client.evaluateChallenge(proof);
    List<String> up = new ArrayList<>();
    List<String> down = new ArrayList<>();
    if (!qop.equals("auth")) {
      for (String message : new String[] {"a", "seven b", "eight by", "a message of more than one block"}) {
        byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
        up.add(hex(client.wrap(bytes, 0, bytes.length)));
        down.add(hex(server.wrap(bytes, 0, bytes.length)));
      }
    }
    return "{\"qop\":\"" + qop + "\"," + (cipher == null ? "" : "\"cipher\":\"" + cipher + "\",") + "\"challenge\":"
        + hex(challenge) + ",\n\"response\":" + hex(response) + ",\n\"proof\":" + hex(proof) + ",\n\"up\":[" + String.join(",", up)
        + "],\n\"down\":[" + String.join(",", down) + "]}";
  }

  public static void main(String[] args) throws Exception {
    List<String> digests = new ArrayList<>();
    digests.add(digest("auth", null));
    digests.add(digest("auth-int", null));
    for (String cipher : new String[] {"3des", "rc4", "des", "rc4-56", "rc4-40"}) digests.add(digest("auth-conf", cipher));
    System.out.println("{\"tokens\":[\n" + token(false) + ",\n" + token(true) + "],\n\"digests\":[\n"
        + String.join(",\n", digests) + "]}");
  }
}
