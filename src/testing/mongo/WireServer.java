import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.List;

/**
 * An in-memory server that speaks MongoDB's wire protocol, on a free port of 127.0.0.1 or on the one given. It prints
 * its address, and ends when its standard input does: with the process that started it, however that one ends.
 */
public class WireServer {
  public static void main(String[] arguments) throws Exception {
    int port = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 0;
    MongoServer server = new MongoServer(new MemoryBackend().version(new DriverSevenVersion()));
    server.bind("127.0.0.1", port);
    System.out.println("mongodb://127.0.0.1:" + server.getLocalAddress().getPort());
    while (System.in.read() >= 0) {}
    server.shutdownNow();
  }

  /** The library says 8 (MongoDB 5.0's commands); the driver for Node refuses anything below 9, and gets by with these. */
  private static class DriverSevenVersion implements MongoVersion {
    @Override
    public List<Integer> getVersionArray() {
      return List.of(5, 0, 0);
    }

    @Override
    public int getWireVersion() {
      return 9;
    }
  }
}
