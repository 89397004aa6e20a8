public import Base

/// How servers are asked; whoever runs the commands has the addresses and the keys.
public protocol DeployLink {
  /// The body of an answer of 200 to 299.
  ///
  /// - Throws: the server's own fault for any other, and `unavailable` where none came: then it is not known whether it did what was asked.
  func answer(to request: DeployRequest) throws(Fault) -> [UInt8]
}

/// One request to a server of a blueprint.
public struct DeployRequest: Sendable, Hashable {
  /// As the blueprint names it.
  public let server: String
  public let method: String
  /// The segments of the path, none of them encoded.
  public let path: [String]
  /// Whose things are meant.
  public let client: String?
  /// Of the history of a model alone.
  public let alias: String?
  public let json: [UInt8]?

  init(
    _ server: String, _ path: [String], method: String = "GET", client: String? = nil, alias: String? = nil,
    json: [UInt8]? = nil
  ) {
    (self.server, self.method, self.path) = (server, method, path)
    (self.client, self.alias, self.json) = (client, alias, json)
  }
}
