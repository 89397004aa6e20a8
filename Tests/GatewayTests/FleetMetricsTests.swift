import Access
import Base
import Fleet
import TestKit
import Testing

@testable import Gateway

/// The fleet at /metrics.
@Suite struct FleetMetricsTests {
  private func enrol(_ names: [(String, String)], at server: SignedServer) throws {
    let (book, pin) = (FleetBook(server.library), [UInt8](repeating: 1, count: 32))
    for (number, (name, client)) in names.enumerated() {
      let request = TokenRequest(name: try NodeName(name), client: client)
      let word = try book.makeToken(request, pin: pin).word
      let digits = String(number + 1000)
      _ = try book.enrol(
        request.name, secret: word.secret, fingerprint: String(repeating: "0", count: 60) + digits)
    }
    try server.fleet?.ring.refresh()
  }

  private func told(_ server: SignedServer, _ key: NewKey) throws -> [String] {
    let answer = try server.ask("GET", "/metrics", [("Authorization", "Bearer \(key.text)")])
    #expect(answer.status == 200)
    return answer.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("ridley_node") }
  }

  @Test func `each node of the key's client has its line, and what a silent one said of its disk is not told`() throws {
    let server = try SignedServer(isCentre: true)
    defer { server.end() }
    let acme = try server.makeKey("acme", [.read])
    #expect(try told(server, acme).isEmpty)
    try enrol([("dock", "acme"), ("roof", "acme"), ("gate", "bolt")], at: server)
    let report =
      #"{"node":{"version":"1.4","temperature":48.5,"disk":{"free":7,"bytes":9}},"ledger":{"ends":{"lines":[{"sequence":12,"taken":5,"waiting":700}]}}}"#
    for name in ["dock", "gate"] {
      try FleetBook(server.library).note(Array(report.utf8), of: try NodeName(name))
    }
    try server.fleet?.note()
    let lines = try told(server, acme)
    for line in [
      #"ridley_nodes{state="up"} 1"#, #"ridley_nodes{state="silent"} 1"#, "ridley_nodes_left_out 0",
      #"ridley_node_up{client="acme",node="dock"} 1"#, #"ridley_node_up{client="acme",node="roof"} 0"#,
      #"ridley_node_info{client="acme",node="dock",version="1.4"} 1"#,
      #"ridley_node_ledger_waiting{client="acme",node="dock"} 7"#,
      #"ridley_node_temperature_celsius{client="acme",node="dock"} 48.5"#,
      #"ridley_node_disk_free_bytes{client="acme",node="dock"} 7"#,
      #"ridley_node_disk_size_bytes{client="acme",node="dock"} 9"#,
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(lines.contains { $0.hasPrefix(#"ridley_node_last_seen_timestamp_seconds{client="acme",node="dock"} "#) })
    #expect(lines.count == 11, "\(lines)")
  }

  @Test func `more than a thousand nodes are counted, and not told one by one`() throws {
    let server = try SignedServer(isCentre: true)
    defer { server.end() }
    try enrol((0..<1003).map { ("n\($0)", "acme") }, at: server)
    try server.fleet?.note()
    let lines = try told(server, try server.makeKey("acme", [.read]))
    #expect(lines.contains("ridley_nodes_left_out 3") && lines.contains(#"ridley_nodes{state="silent"} 1003"#))
    #expect(lines.count { $0.hasPrefix("ridley_node_up{") } == 1000)
  }
}
