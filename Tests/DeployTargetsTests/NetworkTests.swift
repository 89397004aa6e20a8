import Base
import DeployTargets
import Testing

/// A policy opens the ports that addresses of the site lead to, and no others.
struct NetworkTests {
  private func network(_ render: String, _ others: String = "") throws -> [Substring] {
    let files = try RenderTarget.kubernetes.files(for: RenderedSites.site(render, others))
    return try #require(files.first { $0.path == "network.yaml" }).text.split(separator: "\n")
  }

  /// The ports behind a comment.
  private func ports(_ lines: [Substring], _ what: String) -> String? {
    guard let start = lines.firstIndex(where: { $0.hasPrefix("    - to: # \(what)") }) else { return nil }
    return lines[start + 2].trimmingPrefix("      ports: ").description
  }

  @Test func `ports are those of the addresses`() throws {
    let lines = try network(
      """
      store: postgres://ridley@a:5433,[fd00::1]/ridley?port=5434
      bus: postgres://db/ridley
      objects: s3://bucket/films
      """,
      """
      streams:
        a: {source: "rtsp://camera:8554/a", view: "https://camera/a", model: m}
        b: {source: {secret: env:CAMERA}, model: m}
        c: {source: film.mp4, model: m}
      targets: {t: {address: "mqtts://broker", user: a}}
      telemetry: {endpoint: "http://collector:4318"}
      """)
    func tcp(_ ports: Int...) -> String {
      "[\(ports.map { "{ protocol: TCP, port: \($0) }" }.joined(separator: ", "))]"
    }
    #expect(ports(lines, "PostgreSQL") == tcp(5433, 5434))
    #expect(ports(lines, "the bus") == tcp(5432))
    #expect(ports(lines, "the bucket") == tcp(443))
    #expect(ports(lines, "cameras")?.hasPrefix(tcp(443, 554, 8554) + " # of a secret the usual one") == true)
    #expect(ports(lines, "targets") == tcp(8883))
    #expect(ports(lines, "traces and logs") == tcp(4318))
    #expect(ports(lines, "units") == nil)
  }

  @Test func `nothing is opened for what is not there, and packets are named as what is missing`() throws {
    let one = try network("server: {replicas: 1}", "streams: {a: {source: film.mp4, model: m}}")
    #expect(!one.contains { $0.hasPrefix("    - to: #") })
    let packets = try network("server: {replicas: 1}", "streams: {a: {source: 'udp://239.0.0.1:5000', model: m}}")
    #expect(
      packets.contains { $0.contains("Packets of UDP come to ports of the pod") } && ports(packets, "cameras") == nil)
  }
}
