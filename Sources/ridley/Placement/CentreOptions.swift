import Base
import Execution
import Glibc
import Inference
import Loading
import ModelHub
import Pipelines
import Placement

/// Where the centre is that computes for this machine, and where a pipeline is cut between both.
enum CentreOptions {
  static let centre = Option.value(
    "centre", "URL", "a server ('ridley serve') that has the pipeline's models too, such as http://10.0.0.2:8080")
  static let key = Option.value(
    "key", "FILE", "with --centre: the file that holds a key of it (default: the variable RIDLEY_KEY)")
  static let flight = Option.value(
    "flight", "N", "with --centre: questions on their way at the same time, of each model (default 4)")
  static let cut = Option.choice(
    "cut", Cut.named.map(\.rawValue),
    "with --centre: where the pipeline is cut (default: as it says); all networks are asked there (frames), those on crops (crops), none (events)"
  )
  static let patience = Option.value(
    "patience", "TIME", "with --centre: how long it is asked again where it gives no answer, up to 1m (default 10s)")
  static let all = [centre, cut, flight, patience, key]
  static let names = all.map(\.name)

  /// `nil` where no centre is named.
  static func address(_ arguments: Arguments) throws(Fault) -> CentreAddress? {
    guard let text = arguments["centre"] else {
      if let other = ["key", "flight", "patience"].first(where: { arguments[$0] != nil }) {
        throw arguments.refusal("--\(other) is for --centre: say which server")
      }
      return nil
    }
    let place: ServerAddress
    do { place = try ServerAddress(text, option: "centre") } catch { throw arguments.refusal(error.message) }
    let key = try RemotePlace.key(arguments)
    if place.isReadable {
      Terminal.complain(
        "ridley: pictures\(key == nil ? "" : " and the key") go to \(place.host) unencrypted: use https where others share the network\n"
      )
    }
    var address = CentreAddress(
      place.text, host: place.host, key: key, authorities: getenv("SSL_CERT_FILE").map { String(cString: $0) })
    if let seconds = try arguments.seconds("patience") {
      guard seconds <= 60 else { throw arguments.refusal("--patience takes a time of up to 1m") }
      address.patience = UInt64(seconds * 1e9)
    }
    return address
  }

  static func flight(_ arguments: Arguments) throws(Fault) -> Int {
    try arguments.integer("flight", in: 1...64) ?? CentreNetwork.usualFlight
  }
}

/// A cut that a command was asked for: by an option, or by the pipeline itself.
struct AskedCut {
  /// `nil` where the pipeline is to say it.
  private let said: Cut?
  private let address: CentreAddress
  private let flight: Int

  /// `nil` where all is done here.
  init?(_ arguments: Arguments) throws(Fault) {
    let address = try CentreOptions.address(arguments)
    said = arguments["cut"].flatMap(Cut.init)
    flight = try CentreOptions.flight(arguments)
    guard let address else {
      if let said, said != .events {
        throw arguments.refusal("--cut \(said.rawValue) is for a centre: say --centre URL")
      }
      return nil
    }
    guard said != nil || arguments["pipeline"] != nil else { throw Self.unsaid(arguments) }
    if said == .events { return nil }
    self.address = address
  }

  private static func unsaid(_ arguments: Arguments) -> Fault {
    let places = "--cut frames, crops or events, or 'cut:' in the pipeline"
    return arguments.refusal("--centre needs a place to cut: \(places) ('ridley place' measures which is best)")
  }

  /// A pipeline that is cut where the option says, or else where it says itself.
  func load(
    _ pipeline: Pipeline, models: [Model], on engine: Engine, _ arguments: Arguments, options: (Model) -> LoadOptions
  ) throws(Fault) -> LoadedPipeline {
    guard let cut = said ?? pipeline.cut else { throw Self.unsaid(arguments) }
    guard cut != .events else { return try LoadedPipeline(pipeline, models: models, on: engine, options: options) }
    return try network().load(pipeline, cut: cut, models: models, on: engine, options: options)
  }

  /// A model alone, which the centre computes.
  func load(_ model: Model, _ arguments: Arguments) throws(Fault) -> LoadedModel {
    guard said == .frames else {
      throw arguments.refusal("a model alone is cut at 'frames': 'crops' is for pipelines with networks on crops")
    }
    return try network().load(model)
  }

  private func network() throws(Fault) -> CentreNetwork { CentreNetwork(try Centre(address), flight: flight) }
}
