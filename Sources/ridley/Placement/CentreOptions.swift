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
    "cut", [Cut.frames, .crops, .events].map(\.rawValue),
    "with --centre: where the pipeline is cut; all networks are asked there (frames), those on crops (crops), none (events)"
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

/// A cut that a command was asked for.
struct AskedCut {
  let cut: Cut
  let address: CentreAddress
  let flight: Int

  /// `nil` where all is done here.
  init?(_ arguments: Arguments) throws(Fault) {
    let address = try CentreOptions.address(arguments)
    let cut = arguments["cut"].flatMap(Cut.init)
    flight = try CentreOptions.flight(arguments)
    guard let address else {
      if let cut, cut != .events { throw arguments.refusal("--cut \(cut.rawValue) is for a centre: say --centre URL") }
      return nil
    }
    guard let cut else {
      throw arguments.refusal(
        "--centre needs a place to cut: --cut frames, crops or events ('ridley place' measures which is best)")
    }
    if cut == .events { return nil }
    (self.cut, self.address) = (cut, address)
  }

  /// A pipeline that is cut there.
  func load(
    _ pipeline: Pipeline, models: [Model], on engine: Engine, options: (Model) -> LoadOptions
  ) throws(Fault) -> LoadedPipeline {
    try network().load(pipeline, cut: cut, models: models, on: engine, options: options)
  }

  /// A model alone, which the centre computes.
  func load(_ model: Model, _ arguments: Arguments) throws(Fault) -> LoadedModel {
    guard cut == .frames else {
      throw arguments.refusal("a model alone is cut at 'frames': 'crops' is for pipelines with networks on crops")
    }
    return try network().load(model)
  }

  private func network() throws(Fault) -> CentreNetwork { CentreNetwork(try Centre(address), flight: flight) }
}
