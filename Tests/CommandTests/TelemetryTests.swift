import Foundation
import TestKit
import Testing

/// What a collector of OpenTelemetry, of which a stand-in is here, is told of a real server and of real workers.
struct TelemetryTests {
  private let folder = TemporaryFolder()
  private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
  private static let caller = "00-\(trace)-00f067aa0ba902b7-01"

  private static func environment(_ collector: CollectorDouble) -> [String: String] {
    [
      "OTEL_EXPORTER_OTLP_ENDPOINT": collector.address, "OTEL_BSP_SCHEDULE_DELAY": "20",
      "OTEL_BLRP_SCHEDULE_DELAY": "20", "OTEL_TRACES_SAMPLER": "parentbased_always_off",
    ]
  }

  /// A server with a model that adds 2 to four numbers.
  private func server(_ words: [String] = [], _ environment: [String: String]) throws -> LibraryServer {
    try AdderModel.write(2, at: folder.file("models/adder/1"))
    let server = try LibraryServer(folder, ["--workers", "0"] + words, environment: environment)
    try waitUntil("the model to be ready", seconds: 240) {
      shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(server.address)/v2/health/ready"]).output
        == "200"
    }
    return server
  }

  private static let body =
    #"{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}"#

  private func infer(_ server: LibraryServer, _ headers: [String]) -> ShellResult {
    shell(
      ["curl", "-s", "-i", "-m", "20", "-d", Self.body, "\(server.address)/v2/models/adder/infer?secret=hidden"]
        + headers.flatMap { ["-H", $0] })
  }

  @Test(
    "A request with a traceparent: the server's span under the caller, its steps within it, the log's line beside it")
  func request() throws {
    let collector = try CollectorDouble()
    let server = try server(["--access-log", "access.log"], Self.environment(collector))
    let answer = infer(server, ["traceparent: \(Self.caller)", "tracestate: rojo=1"])
    #expect(answer.output.contains(#""data":[3"#), "\(answer.output)")
    // No trace begins of itself here, and two headers are none.
    #expect(infer(server, []).output.contains(" 200 "))
    let second = Self.caller.replacing("00f067aa0ba902b7", with: "1111111111111111")
    #expect(infer(server, ["traceparent: \(Self.caller)", "traceparent: \(second)"]).output.contains(" 200 "))
    let missing = [
      "curl", "-s", "\(server.address)/v2/models/nobody/infer", "-d", "{}", "-H", "traceparent: \(second)",
    ]
    #expect(shell(missing).output.contains("nobody"))
    let spans = try collector.wait(for: "two requests") { requests in
      let spans = requests.flatMap(\.spans)
      return spans.count { $0.kind == 2 } == 2 ? spans : nil
    }
    try check(spans, answer)
    let failed = try #require(spans.first { $0.parent == "1111111111111111" })
    #expect(failed.attributes["http.response.status_code"] == "404" && failed.error == nil)
    #expect(!collector.requests.contains { $0.body.firstRange(of: Array("hidden".utf8)) != nil })
    let line = try collector.wait(for: "the line of the log") { requests in
      requests.flatMap(\.lines).first { $0.trace == Self.trace && $0.text == "POST /v2/models/{model}/infer 200" }
    }
    #expect(spans.map(\.id).contains(line.span) && line.severity == 9)
    let metrics = shell(["curl", "-s", "\(server.address)/metrics"]).output
    #expect(metrics.contains(#"ridley_telemetry_dropped_total{signal="traces",reason="full"} 0"#), "\(metrics)")
    #expect(server.finish() < 15)
    let log = try String(contentsOfFile: folder.file("access.log"), encoding: .utf8)
    let root = try #require(spans.first { $0.parent == "00f067aa0ba902b7" })
    #expect(log.contains("\"trace\":\"\(Self.trace)\",\"span\":\"\(root.id)\""), "\(log)")
  }

  @Test("A link's token reaches neither the collector nor the access log, whatever answers its address")
  func links() throws {
    let collector = try CollectorDouble()
    let server = try server(["--access-log", "access.log"], Self.environment(collector))
    let token = String(repeating: "Tk", count: 21) + "T"
    let asks = [
      ["/v1/shared/\(token)"], ["/v1/shared/\(token)", "-X", "POST"], ["/v1/shared/\(token)/event"],
      ["/v1/%73hared/\(token)"],
    ]
    for ask in asks {
      let words = ["curl", "-s", "-m", "20", "-o", "/dev/null", "-w", "%{http_code}", server.address + ask[0]]
      let answer = shell(words + ask.dropFirst() + ["-H", "traceparent: \(Self.caller)"])
      #expect(["404", "405"].contains(answer.output), "\(ask): \(answer.output)")
    }
    let spans = try collector.wait(for: "four requests") { requests in
      let spans = requests.flatMap(\.spans).filter { $0.kind == 2 }
      return spans.count == asks.count ? spans : nil
    }
    #expect(
      spans.allSatisfy { $0.attributes["url.path"]?.hasPrefix("/v1/shared/") ?? false }, "\(spans.map(\.attributes))")
    #expect(server.finish() < 15)
    #expect(!collector.requests.contains { $0.body.firstRange(of: Array(token.utf8)) != nil })
    let log = try String(contentsOfFile: folder.file("access.log"), encoding: .utf8)
    #expect(log.contains("/v1/shared/") && !log.contains(token), "\(log)")
  }

  private func check(_ spans: [ToldSpan], _ answer: ShellResult) throws {
    let root = try #require(spans.first { $0.parent == "00f067aa0ba902b7" })
    #expect(root.trace == Self.trace && root.name == "POST /v2/models/{model}/infer" && root.state == "rojo=1")
    #expect(answer.output.contains("traceresponse: 00-\(Self.trace)-\(root.id)-01"), "\(answer.output)")
    #expect(
      root.attributes["http.route"] == "/v2/models/{model}/infer"
        && root.attributes["url.path"] == "/v2/models/adder/infer")
    #expect(root.attributes["http.response.status_code"] == "200" && root.error == nil)
    let steps = spans.filter { $0.parent == root.id }
    #expect(Set(steps.map(\.name)) == ["prepare", "queue", "infer", "write"])
    let infer = try #require(steps.first { $0.name == "infer" })
    #expect(infer.attributes["ridley.model.name"] == "adder" && infer.attributes["ridley.model.version"] == "1")
    #expect(infer.attributes["ridley.batch.rows"] == "1" && infer.links == [])
    for step in steps where step.name != "write" {
      #expect(root.start <= step.start + 2_000_000 && step.end <= root.end + 2_000_000)
    }
  }

  @Test("Calls of gRPC stand in traces by their methods, with the status at their end")
  func calls() throws {
    let collector = try CollectorDouble()
    let server = try server([], Self.environment(collector))
    let script = """
      for method in ServerLive Nothing; do
        printf '\\0\\0\\0\\0\\0' | curl -s -m 20 -o "$2" --http2-prior-knowledge -H 'content-type: application/grpc' -H 'te: trailers' \
          -H "traceparent: $1" --data-binary @- "$0/inference.GRPCInferenceService/$method"
      done
      """
    _ = shell(["bash", "-c", script, server.address, Self.caller, folder.file("answer")])
    let spans = try collector.wait(for: "two calls") { requests in
      let spans = requests.flatMap(\.spans).filter { $0.kind == 2 }
      return spans.count == 2 ? spans : nil
    }
    #expect(spans.map(\.name) == ["inference.GRPCInferenceService/ServerLive", "grpc"])
    #expect(spans.map { $0.attributes["rpc.grpc.status_code"] } == ["0", "12"], "\(spans)")
    #expect(spans[0].attributes["rpc.method"] == "ServerLive" && spans[0].error == nil)
    #expect(spans[1].error == "gRPC status 12" && spans.allSatisfy { $0.attributes["rpc.system"] == "grpc" })
  }

  @Test(
    "A collector that hangs, or that is not there, changes nothing for clients, and the server ends in time",
    arguments: [true, false])
  func dead(hangs: Bool) throws {
    let collector = try CollectorDouble([.hang])
    var environment = Self.environment(collector)
    environment["OTEL_TRACES_SAMPLER"] = "always_on"
    if !hangs { environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:\(Ports.free())" }
    let server = try server(["--access-log", "-"], environment)
    for _ in 0..<20 { #expect(infer(server, []).output.contains(" 200 ")) }
    #expect(server.finish() < 15)
    let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    #expect(log.contains("ridley: telemetry: ") && log.contains("spans were lost"), "\(log)")
  }

  @Test("A job over two films with two workers is one trace, from the command that started it to what was published")
  func job() throws {
    let collector = try CollectorDouble()
    for (name, source) in [("a.mp4", "testsrc2"), ("b.mp4", "smptebars")] {
      let made = shell([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "\(source)=s=160x96:r=5:d=1", "-pix_fmt", "yuv420p",
        folder.file(name),
      ])
      try #require(made.status == 0, "\(made.errors)")
    }
    let pipeline = folder.file("p.yaml")
    try Data("infer: {model: line-inspector, threshold: 0.05}\n".utf8).write(to: URL(filePath: pipeline))
    let library = ["--library", folder.file("lib"), "--client", "acme"]
    let added = Program.run(["library", "add", folder.file("a.mp4"), folder.file("b.mp4")] + library)
    try #require(added.status == 0, "\(added.errors)")
    var environment = Self.environment(collector)
    environment["TRACEPARENT"] = Self.caller
    let ran = Program.run(
      ["job", "start", "--pipeline", pipeline, "--workers", "2", "--json"] + library, environment: environment)
    try #require(ran.status == 0, "\(ran.errors)")
    let spans = collector.spans
    #expect(spans.allSatisfy { $0.trace == Self.trace })
    let start = try #require(spans.first { $0.name == "job start" })
    #expect(start.parent == "00f067aa0ba902b7" && start.attributes["ridley.job.id"] == ran.json["job"] as? String)
    let tasks = spans.filter { $0.name.hasPrefix("task ") }
    #expect(tasks.allSatisfy { $0.parent == start.id })
    let items = tasks.filter { $0.name == "task item" }
    #expect(items.count == 2 && items.allSatisfy { $0.error == nil }, "\(spans.map(\.name))")
    for item in items {
      let steps = spans.filter { $0.parent == item.id }.map(\.name)
      #expect(steps.contains("analyze") && steps.contains("commit"), "\(steps)")
    }
  }
}
