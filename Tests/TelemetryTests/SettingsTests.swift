import Testing

@testable import Telemetry

struct SettingsTests {
  private func settings(_ environment: [String: String]) -> TelemetrySettings {
    TelemetrySettings(version: "1.2") { environment[$0] }
  }

  private static let base = ["OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"]

  private func with(_ others: [String: String]) -> TelemetrySettings {
    settings(Self.base.merging(others) { $1 })
  }

  @Test("Nothing is sent unless an address says where to, and nothing where the SDK is disabled")
  func off() {
    #expect(!settings([:]).isOn && !settings(["OTEL_SERVICE_NAME": "a", "OTEL_TRACES_SAMPLER": "always_on"]).isOn)
    #expect(!settings(["OTEL_EXPORTER_OTLP_ENDPOINT": ""]).isOn)
    for word in ["true", "TRUE"] { #expect(!with(["OTEL_SDK_DISABLED": word]).isOn) }
    #expect(with(["OTEL_SDK_DISABLED": "false"]).isOn && with(["OTEL_SDK_DISABLED": "1"]).isOn)
  }

  @Test("Paths of signals follow the address for all; an address of one is taken as it is")
  func addresses() {
    for base in ["http://c:4318", "http://c:4318/"] {
      let found = settings(["OTEL_EXPORTER_OTLP_ENDPOINT": base]).receivers
      #expect(found[.traces]?.address == "http://c:4318/v1/traces" && found[.logs]?.address == "http://c:4318/v1/logs")
    }
    let deep = settings(["OTEL_EXPORTER_OTLP_ENDPOINT": "https://gateway.example/otlp"])
    #expect(deep.receivers[.traces]?.address == "https://gateway.example/otlp/v1/traces")
    let one = settings(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://jaeger:4318/v1/traces"])
    #expect(one.receivers.count == 1 && one.receivers[.traces]?.address == "http://jaeger:4318/v1/traces")
    #expect(with(["OTEL_LOGS_EXPORTER": "none"]).receivers[.logs] == nil)
    #expect(with(["OTEL_TRACES_EXPORTER": "zipkin"]).warnings.count == 1)
  }

  @Test(
    "An address that is none is passed over with a warning that does not show it",
    arguments: [
      "collector:4318", "ftp://collector", "http://user:secret@collector", "http://", "grpc://c:4317", "http://a b",
    ])
  func badAddress(_ text: String) {
    let found = settings(["OTEL_EXPORTER_OTLP_ENDPOINT": text])
    #expect(!found.isOn && found.warnings.count == 2 && !found.warnings.contains { $0.contains("secret") })
  }

  @Test("gRPC is not spoken, and that is said with the way out")
  func protocols() {
    let found = with(["OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"])
    #expect(!found.isOn && found.warnings.allSatisfy { $0.contains("http/protobuf") && $0.contains("4318") })
    #expect(with(["OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"]).isOn)
    let logs = with(["OTEL_EXPORTER_OTLP_LOGS_PROTOCOL": "grpc"])
    #expect(logs.receivers[.logs] == nil && logs.receivers[.traces] != nil)
  }

  @Test("Headers as people write them: blanks, equals signs, plus and percent; what is none is left away and not shown")
  func headers() {
    let text = "authorization=Basic dXNlcg==, x-key=a+b%2Cc%20d ,,x-empty="
    let found = with(["OTEL_EXPORTER_OTLP_HEADERS": text]).receivers[.traces]?.headers ?? []
    #expect(found.map(\.name) == ["authorization", "x-key", "x-empty"])
    #expect(found.map(\.value) == ["Basic dXNlcg==", "a+b,c d", ""])
    let own = with(["OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_LOGS_HEADERS": "b=2"])
    #expect(own.receivers[.logs]?.headers.map(\.name) == ["b"] && own.receivers[.traces]?.headers.map(\.name) == ["a"])
    for bad in [
      "secret", "a=%0d%0ainjected: secret", "a%0d=secret", "a b=secret", "=secret", "a=%zzsecret", "a=%+1secret",
      "a=%f",
    ] {
      let found = with(["OTEL_EXPORTER_OTLP_HEADERS": bad])
      #expect(found.receivers[.traces]?.headers.isEmpty == true && found.warnings.count == 2, "\(bad)")
      #expect(!found.warnings.contains { $0.contains("secret") })
    }
  }

  @Test("Times are milliseconds; what is no time is as usual, with a warning")
  func times() {
    let found = with([
      "OTEL_EXPORTER_OTLP_TIMEOUT": "2500", "OTEL_EXPORTER_OTLP_LOGS_TIMEOUT": "1000", "OTEL_BSP_SCHEDULE_DELAY": "20",
    ])
    #expect(found.receivers[.traces]?.seconds == 2.5 && found.receivers[.logs]?.seconds == 1)
    #expect(found.delaySeconds[.traces] == 0.02 && found.delaySeconds[.logs] == 1 && found.warnings.isEmpty)
    for text in ["0", "-1", "10s", "1e3", "99999999999999999999"] {
      let found = with(["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": text])
      #expect(found.receivers[.traces]?.seconds == 10 && found.warnings.count == 1, "\(text)")
    }
    #expect(with(["RIDLEY_TELEMETRY_FRAMES": "0"]).frameSeconds == nil)
    #expect(with(["RIDLEY_TELEMETRY_FRAMES": "2.5"]).frameSeconds == 2.5)
    #expect(with(["RIDLEY_TELEMETRY_FRAMES": "inf"]).frameSeconds == 10)
    let odd = with(["OTEL_TRACES_SAMPLER": "sometimes"])
    #expect(odd.sampler == Sampler() && odd.warnings.count == 1)
  }

  @Test("What is said of the process: its name by the environment, one number for each start")
  func resource() {
    func value(_ name: String, _ others: [String: String]) -> Attribute.Value? {
      let found = with(others).resource.filter { $0.name == name }
      return found.count == 1 ? found[0].value : nil
    }
    #expect(value("service.name", [:]) == .text("ridley") && value("service.version", [:]) == .text("1.2"))
    let said = ["OTEL_RESOURCE_ATTRIBUTES": "service.name=a,deployment.environment=caf%C3%A9"]
    #expect(value("service.name", said) == .text("a") && value("deployment.environment", said) == .text("café"))
    #expect(value("service.name", said.merging(["OTEL_SERVICE_NAME": "b"]) { $1 }) == .text("b"))
    #expect(with(["OTEL_RESOURCE_ATTRIBUTES": "service.name"]).warnings.count == 1)
    #expect(value("service.instance.id", [:]) != value("service.instance.id", [:]))
  }
}
