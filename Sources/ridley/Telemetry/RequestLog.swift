import Base
import Gateway
import Telemetry
import Web

/// Where lines about requests go once they were answered: into a file, and to whoever collects logs; only where a file was asked for.
struct RequestLog: Sendable {
  private let file: AccessLog?
  private let telemetry: Telemetry?

  init(_ destination: ServeConfiguration.Log.Destination, _ telemetry: Telemetry?) throws(Fault) {
    (file, self.telemetry) = (try AccessLog(destination), telemetry)
  }

  func write(_ record: Record, _ route: String?, _ place: () -> Trace?) {
    guard let file else { return }
    let trace = place()
    file.write(record, route: route, trace: trace)
    guard let telemetry, telemetry.takesLogs else { return }
    telemetry.log(
      LogRecord(
        record.status >= 500 ? .error : .information, "\(record.request.method) \(route ?? "-") \(record.status)",
        [
          Attribute("http.response.status_code", record.status), Attribute("ridley.request.id", record.request.id),
          Attribute("client.address", record.request.peer),
        ], at: trace))
  }

  /// Writes and sends what is left.
  func finish() {
    file?.finish()
    TelemetryPlace.end(telemetry)
  }
}
