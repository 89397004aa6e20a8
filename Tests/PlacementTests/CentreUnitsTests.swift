import Base
import Glibc
import Inference
import Placement
import Testing

@testable import Serving

/// A centre that takes connections and never answers.
struct CentreUnitsTests {
  @Test("A server at the edge ends at once while a centre that never answers is looked for")
  func ends() throws {
    let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { place -> UInt16? in
        guard bind(socket, place, size) == 0, listen(socket, 8) == 0 else { return nil }
        return getsockname(socket, place, &size) == 0 ? pointer.pointee.sin_port.bigEndian : nil
      }
    }
    let host = "127.0.0.1:\(try #require(port))"
    let units = CentreUnits(CentreAddress("http://\(host)", host: host)) { _ in }
    let spec = TensorSpec(name: "x", shape: [1, 8, 8, 3], element: .u8)
    let networks = try ["a", "b", "c"].map { name in
      units.network(
        try #require(
          RemoteNetworkDescription(model: name, network: name, inputs: [spec], outputs: [spec], takesRows: false)))
    }
    // By then the first is being asked about.
    usleep(1_300_000)
    let began = Clock.now
    units.stop()
    #expect(Clock.now - began < 3_000_000_000)
    #expect(networks.allSatisfy { $0.room.slots == 0 })
  }
}
