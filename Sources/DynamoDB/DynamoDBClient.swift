public import Base
internal import JSON
public import Objects

/// Requests to one table, tried again where that may help.
///
/// A write may therefore be sent twice: its conditions must not hold any more once it is done, or it must do no harm twice. A client token, by which the service
/// would know a request again, is not used: it is forgotten after ten minutes, and not every emulator heeds it. Blocks its thread, for any number of them at once.
public final class DynamoDBClient: Sendable {
  public struct Settings: Sendable {
    /// For so long a request is tried again where the service is not there, throttled, or at work on another transaction of the same records.
    public var retrySeconds = 20.0
    public var client = AmazonClient.Settings()

    public init() {}
  }

  public let address: DynamoDBAddress
  public let settings: Settings
  private let client: AmazonClient

  /// Nothing is asked yet.
  public init(
    _ address: DynamoDBAddress, _ identity: any AmazonIdentity, settings: Settings = Settings()
  ) throws(Fault) {
    (self.address, self.settings) = (address, settings)
    client = try AmazonClient(
      "dynamodb", region: address.region, endpoint: address.endpoint, identity, settings: settings.client)
  }

  /// How a call ended, where it did.
  enum Outcome {
    case done(JSONDocument)
    /// It was refused for what stands in the table, or for its size.
    case refused(DynamoDBFailure)
  }

  /// Of the whole call; what one of many was refused for is not tried at one moment by all.
  func call(_ name: String, to doing: String, _ members: (inout JSONWriter) -> Void) throws(Fault) -> Outcome {
    let body = JSONWriter.object(capacity: 4096) { members(&$0) }
    let end = Clock.now + UInt64(settings.retrySeconds * 1e9)
    var pause = 0.01
    while true {
      var trouble: Fault
      do throws(Fault) {
        let answer = try client.send("DynamoDB_20120810.\(name)", body)
        if answer.status == 200 { return .done(try read(answer)) }
        let failure = DynamoDBFailure(answer)
        if failure.isRefusal || failure.isTooMuch { return .refused(failure) }
        trouble = fault(failure, doing)
        guard failure.isPassing else { throw trouble }
      } catch {
        guard error.kind == .unavailable else { throw error }
        trouble = error
      }
      let rest = UInt64(pause * Double.random(in: 0.5...1) * 1e9)
      guard Clock.now + rest < end else { throw trouble }
      Clock.sleep(until: Clock.now + rest)
      pause = min(pause * 2, 1)
    }
  }

  /// The same where any refusal is a fault.
  func get(_ name: String, to doing: String, _ members: (inout JSONWriter) -> Void) throws(Fault) -> JSONDocument {
    switch try call(name, to: doing, members) {
    case .done(let document): return document
    case .refused(let failure): throw fault(failure, doing)
    }
  }

  func fault(_ failure: DynamoDBFailure, _ doing: String) -> Fault { failure.fault(address, client.host, doing) }

  private func read(_ answer: ServerAnswer) throws(Fault) -> JSONDocument {
    do { return try JSONDocument(parsing: answer.body.span.bytes, name: "the answer") } catch {
      throw Fault(.unavailable, "\(client.host) answers what is no answer of DynamoDB", cause: error.message)
    }
  }
}
