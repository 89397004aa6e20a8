internal import Base
internal import Telemetry
internal import Web

extension Request {
  /// Where the client stands in a trace (W3C Trace Context); more than one of its headers is none.
  var caller: Trace? {
    let headers = headers("traceparent")
    return headers.count == 1 ? Trace(headers[0]) : nil
  }

  /// Its number as a part of a trace, the same whenever it is asked for: its id, spread over all bits.
  var span: UInt64 { mixed(UInt64(id, radix: 16) ?? 0) }

  /// Of a trace that begins with it.
  fileprivate var root: UInt128 { UInt128(mixed(~span)) << 64 | UInt128(mixed(span)) }
}

/// SplitMix64's last step (Steele, Lea, Flood 2014): no two numbers give the same one; never 0.
private func mixed(_ number: UInt64) -> UInt64 {
  var bits = number &+ 0x9E37_79B9_7F4A_7C15
  bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
  return max(1, bits ^ bits >> 31)
}

extension Gateway {
  /// Where a request stands, as the parent of what is done for it; `nil` where neither the client nor the server wants a trace.
  func place(of request: Request) -> Trace? {
    let caller = request.caller
    if let telemetry { return telemetry.place(under: caller, root: request.root, span: request.span) }
    return caller.map { Trace(id: $0.id, parent: request.span, isSampled: $0.isSampled) }
  }

  /// Has a request that was answered stand in its trace, by OpenTelemetry's names for HTTP and RPC.
  ///
  /// What stands behind a question mark may be a secret, and so may a link's path.
  func tell(_ record: Record, _ route: String?, to telemetry: Telemetry) {
    guard let place = place(of: record.request), place.isSampled else { return }
    let request = record.request
    let verb = Route.Method(rawValue: request.method)?.rawValue
    let version = request.version == .http2 ? "2" : request.version == .http1_1 ? "1.1" : "1.0"
    var span = Span(
      [verb ?? "HTTP", route].compactMap(\.self).joined(separator: " "), .server, at: place,
      parent: request.caller?.parent, from: request.receivedAt, to: request.receivedAt + record.duration)
    span.attributes = [
      Attribute("http.request.method", verb ?? "_OTHER"), Attribute("url.path", request.shownPath(route)),
      Attribute("url.scheme", request.isSecureForClient ? "https" : "http"),
      Attribute("http.response.status_code", record.status), Attribute("client.address", request.peer),
      Attribute("network.protocol.version", version), Attribute("http.request.body.size", record.bytesIn),
      Attribute("http.response.body.size", record.bytesOut), Attribute("ridley.request.id", request.id),
    ]
    if let route { span.attributes.append(Attribute("http.route", route)) }
    if request.caller != nil { span.state = TraceState.read(request.headers("tracestate")) }
    if RPC.isOne(request) { tell(call: record, route, in: &span) }
    if let fault = record.fault {
      span.fail(fault.message, type: fault.kind.rawValue)
    } else if record.status >= 500 {
      span.fail("HTTP \(record.status)", type: "\(record.status)")
    }
    telemetry.record(span)
  }

  /// What there is to say of a call of gRPC, whose status stands at the end of its answer.
  private func tell(call record: Record, _ route: String?, in span: inout Span) {
    span.name = route.map { String($0.dropFirst()) } ?? "grpc"
    span.attributes.append(Attribute("rpc.system", "grpc"))
    let words = (route ?? "").split(separator: "/")
    if words.count == 2 {
      span.attributes += [Attribute("rpc.service", String(words[0])), Attribute("rpc.method", String(words[1]))]
    }
    guard let text = record.ending.first(where: { $0.0 == "grpc-status" })?.1, let status = Int(text) else { return }
    span.attributes.append(Attribute("rpc.grpc.status_code", status))
    if Self.serverStatuses.contains(status) { span.fail("gRPC status \(status)", type: "\(status)") }
  }

  /// Unknown, too late, unimplemented, internal, unavailable, lost data: by OpenTelemetry the server owes these.
  private static let serverStatuses = [2, 4, 12, 13, 14, 15]
}

extension Span {
  /// What the client did wrong is no failure of the span.
  fileprivate mutating func fail(_ reason: String, type: String) {
    error = reason
    attributes.append(Attribute("error.type", type))
  }
}

extension RequestContext {
  /// Tells the trace of a step that was taken for the request.
  func tell(_ name: String, from start: UInt64, to end: UInt64) {
    guard let trace, let telemetry = gateway.telemetry else { return }
    telemetry.record(
      Span(name, at: Telemetry.place(within: trace), parent: trace.parent, from: start, to: end))
  }
}
