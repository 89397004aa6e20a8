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
  func tell(_ record: Record, _ route: String?, at place: Trace) {
    guard let telemetry, place.isSampled else { return }
    let request = record.request
    let isCall = RPC.isOne(request)
    let method = Route.Method(rawValue: request.method)?.rawValue ?? "_OTHER"
    let verb = method == "_OTHER" ? "HTTP" : method
    let name = isCall ? route.map { String($0.dropFirst()) } ?? "grpc" : route.map { "\(verb) \($0)" } ?? verb
    var span = Span(
      name, .server, at: place, parent: request.caller?.parent, from: request.receivedAt,
      to: request.receivedAt + record.duration)
    let path = route.flatMap { $0.hasPrefix("/v1/shared/") ? $0 : nil } ?? request.path
    span.attributes = [
      Attribute("http.request.method", method), Attribute("url.path", path),
      Attribute("url.scheme", request.isSecureForClient ? "https" : "http"),
      Attribute("http.response.status_code", record.status), Attribute("client.address", request.peer),
      Attribute(
        "network.protocol.version", request.version == .http2 ? "2" : request.version == .http1_1 ? "1.1" : "1.0"),
      Attribute("http.request.body.size", record.bytesIn), Attribute("http.response.body.size", record.bytesOut),
      Attribute("ridley.request.id", request.id),
    ]
    if let route { span.attributes.append(Attribute("http.route", route)) }
    span.state = request.caller == nil ? "" : TraceState.read(request.headers("tracestate"))
    span.error = isCall ? callError(of: record, &span) : error(of: record)
    if span.error != nil { span.attributes.append(Attribute("error.type", errorType(of: record))) }
    telemetry.record(span)
  }

  /// What the server owes; what the client did wrong is no failure of the span.
  private func error(of record: Record) -> String? {
    if let fault = record.fault { return fault.message }
    return record.status >= 500 ? "HTTP \(record.status)" : nil
  }

  private func errorType(of record: Record) -> String {
    record.fault?.kind.rawValue ?? (record.status >= 500 ? "\(record.status)" : "rpc")
  }

  /// The same of a call of gRPC, whose status stands at the end of its answer.
  private func callError(of record: Record, _ span: inout Span) -> String? {
    let words = record.request.path.split(separator: "/")
    span.attributes.append(Attribute("rpc.system", "grpc"))
    if words.count == 2 {
      span.attributes += [Attribute("rpc.service", String(words[0])), Attribute("rpc.method", String(words[1]))]
    }
    guard let text = record.ending.first(where: { $0.0 == "grpc-status" })?.1, let status = Int(text) else {
      return error(of: record)
    }
    span.attributes.append(Attribute("rpc.grpc.status_code", status))
    // Unknown, deadline, unimplemented, internal, unavailable, lost data: by OpenTelemetry these are the server's.
    return [2, 4, 12, 13, 14, 15].contains(status) ? "gRPC status \(status)" : nil
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
