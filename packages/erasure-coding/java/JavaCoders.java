import java.io.PrintStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.io.erasurecode.ErasureCoderOptions;
import org.apache.hadoop.io.erasurecode.rawcoder.*;

/**
 * Prints what Hadoop's own raw coders make of the data that the tests make too: one line for each code,
 * "codec dataUnits parityUnits unitBytes hex-of-parity ...". Units come from one linear congruential generator.
 */
public class JavaCoders {
  private static int state = 1;

  private static byte[] unit(int bytes) {
    byte[] unit = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      state = state * 1103515245 + 12345;
      unit[i] = (byte) (state >>> 16);
    }
    return unit;
  }

  private static void print(String codec, int data, int parity, int bytes, RawErasureEncoder encoder) throws Exception {
    byte[][] inputs = new byte[data][];
    for (int i = 0; i < data; i++) inputs[i] = unit(bytes);
    byte[][] outputs = new byte[parity][bytes];
    encoder.encode(inputs, outputs);
    StringBuilder line = new StringBuilder(codec + " " + data + " " + parity + " " + bytes);
    for (byte[] output : outputs) {
      line.append(' ');
      for (byte value : output) line.append(String.format("%02x", value));
    }
    System.out.println(line);
  }

  public static void main(String[] args) throws Exception {
    for (int[] shape : new int[][] {{6, 3}, {10, 4}, {3, 2}, {12, 4}, {1, 1}}) {
      ErasureCoderOptions options = new ErasureCoderOptions(shape[0], shape[1]);
      print("rs", shape[0], shape[1], 96, new RSRawEncoder(options));
    }
    print("rs-legacy", 6, 3, 96, new RSLegacyRawEncoder(new ErasureCoderOptions(6, 3)));
    print("rs-legacy", 10, 4, 96, new RSLegacyRawEncoder(new ErasureCoderOptions(10, 4)));
    print("xor", 2, 1, 96, new XORRawEncoder(new ErasureCoderOptions(2, 1)));
  }
}
