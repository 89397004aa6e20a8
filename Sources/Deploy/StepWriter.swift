internal import Base

/// Has a server take what a step says.
struct StepWriter {
  let link: any DeployLink

  /// Puts a thing there, over what is there; `hidden` is what the server takes and does not show.
  func put(_ key: ThingKey, _ fields: ThingFields, hidden: [String: String], isThere: Bool) throws(Fault) {
    var body = fields
    for (name, value) in hidden { body.set(name, value) }
    switch key.kind {
    case .target where ConcealedAddress.isOne(fields):
      // Servers say what they refuse, and its beginning is more than may be shown.
      do throws(Fault) { try send("PUT", key, path(of: key), JSONWriter.object(body.write)) } catch {
        guard Self.isRefusal(error) else { throw error }
        throw Fault(
          error.kind,
          "\(key.text): the server refuses it (\(error.kind.rawValue)); what it says is not shown, since the address is a secret"
        )
      }
    case .alias, .pipeline, .stream, .target: try send("PUT", key, path(of: key), JSONWriter.object(body.write))
    case .alert:
      if isThere { try remove(key) }
      body.set("name", key.name)
      try send("POST", key, ["v1", "search", "alerts"], JSONWriter.object(body.write))
    }
  }

  /// Takes it away; one that is gone is fine.
  func remove(_ key: ThingKey) throws(Fault) {
    do throws(Fault) { try send("DELETE", key, path(of: key), nil) } catch {
      guard error.kind == .notFound else { throw error }
    }
  }

  private func send(_ method: String, _ key: ThingKey, _ path: [String], _ json: [UInt8]?) throws(Fault) {
    let client = key.client.isEmpty ? nil : key.client
    do throws(Fault) {
      _ = try link.answer(to: DeployRequest(key.server, path, method: method, client: client, json: json))
    } catch { throw error.at(key.text) }
  }

  /// Whether the server said no, by which it did nothing; of all else it is not known whether it did.
  static func isRefusal(_ fault: Fault) -> Bool {
    ![.unavailable, .exhausted, .closed, .bug].contains(fault.kind)
  }

  private func path(of key: ThingKey) -> [String] {
    switch key.kind {
    case .alias:
      let words = key.name.split(separator: "/", maxSplits: 1).map(String.init)
      return ["v1", "models", words[0], "aliases", words.count > 1 ? words[1] : ""]
    case .pipeline: return ["v1", "pipelines", key.name]
    case .target: return ["v1", "targets", key.name]
    case .stream: return ["v1", "streams", key.name]
    case .alert: return ["v1", "search", "alerts", key.name]
    }
  }
}
