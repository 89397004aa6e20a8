import Base
import TestKit
import Testing
import YAML

@testable import Gateway

struct TelemetryConfigurationTests {
  private func read(_ text: String, folder: String = ".") throws(Fault) -> [String: String] {
    try ServeConfiguration.parse(Array(text.utf8), name: "ridley.yaml", folder: folder).telemetry
  }

  @Test("What the configuration says is what the variables of OpenTelemetry say; headers come from a file")
  func everything() throws {
    let folder = TemporaryFolder()
    try FileSystem.write(Array("authorization=Bearer abc\n".utf8), to: folder.file("otel.headers"))
    let text = """
      telemetry:
        endpoint: http://collector:4318
        service: ridley-eu
        ratio: 0.25
        logs: false
        frames: 30s
        headers-file: otel.headers
      """
    #expect(
      try read(text, folder: folder.path) == [
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SERVICE_NAME": "ridley-eu",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.25",
        "OTEL_LOGS_EXPORTER": "none", "RIDLEY_TELEMETRY_FRAMES": "30.0",
        "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer abc",
      ])
    #expect(try read("log: {}") == [:] && read("telemetry: off") == ["OTEL_SDK_DISABLED": "true"])
    let off = try read("telemetry: {endpoint: 'https://a.example/otlp', frames: off}")
    #expect(off["RIDLEY_TELEMETRY_FRAMES"] == "0" && off["OTEL_LOGS_EXPORTER"] == nil)
  }

  @Test(
    "A part of a blueprint is read where neither its files nor its variables are",
    arguments: ["headers-file", "headers-environment"])
  func elsewhere(_ key: String) throws {
    let text = "telemetry: {endpoint: 'http://c', \(key): NO_SUCH}"
    let part = try YAMLDocument.parse(text, name: "site.yaml").root
    #expect(try ServeConfiguration.read(part, name: "site.yaml", folder: ".").telemetry.count == 2)
    #expect(throws: Fault.self) { try read(text) }
  }

  @Test(
    "What is wrong is told with its place, and no secret is taken from the file itself",
    arguments: [
      "telemetry: {}", "telemetry: on", "telemetry: {endpoint: collector}", "telemetry: {endpoint: 'http://u:p@c'}",
      "telemetry: {endpoint: 'http://c', ratio: 2}", "telemetry: {endpoint: 'http://c', headers: a=b}",
      "telemetry: {endpoint: 'http://c', frames: 5}", "telemetry: {endpoint: 'http://c', headers-environment: NO_SUCH}",
    ])
  func wrong(_ text: String) {
    let fault = #expect(throws: Fault.self) { try read(text) }
    #expect(fault?.message.hasPrefix("ridley.yaml:1:") == true, "\(fault?.message ?? "")")
  }
}
