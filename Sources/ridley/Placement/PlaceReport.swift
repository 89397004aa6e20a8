import Base
import Pipelines
import Placement

/// What 'ridley place' found.
struct PlaceReport {
  private let figures: PlacementFigures
  private let forecasts: [PlacementForecast]
  private let link: PlacementLink
  private let best: Cut?
  private let currency: String?

  init(
    _ figures: PlacementFigures, _ forecasts: [PlacementForecast], _ link: PlacementLink, best: Cut?, currency: String?
  ) {
    (self.figures, self.forecasts, self.link) = (figures, forecasts, link)
    (self.best, self.currency) = (best, currency)
  }

  var text: String {
    var table = Table([
      ("network", .left), ("inputs a second", .right), ("here", .right), ("centre", .right), ("question", .right),
      ("answer", .right),
    ])
    for network in figures.networks {
      table.add([
        network.name, NumberFormat.measure(Double(network.count) / figures.sampleSeconds),
        Self.milliseconds(network.edgeSeconds), Self.milliseconds(network.centreSeconds),
        Self.kilobytes(network.questionBytes), Self.kilobytes(network.answerBytes),
      ])
    }
    let measured =
      "measured over \(NumberFormat.short(figures.sampleSeconds, 1)) s of the film, \(figures.frames) frames\n\n"
    let cuts = forecasts.text(best: best, currency: currency)
    return measured + nodeText + (table.isEmpty ? "" : table.text + "\n") + cuts + "\n" + advice
  }

  /// Where a node is meant with the edge: what of the figures is its own, and what follows of that.
  private var nodeText: String {
    guard let node = figures.node else { return "" }
    let memory = node.memoryBytes.map { ", \(Units.text(bytes: $0)) of memory" } ?? ""
    let ratio = NumberFormat.short(node.ratio, 2)
    let cores = "\(node.cores) core\(node.cores == 1 ? "" : "s")"
    return """
      the edge is the node \(node.name): \(cores)\(memory), as it said \(Units.text(seconds: node.quiet)) ago
      its part is not measured: it is what was measured here, times \(ratio), as its inferences take to those here


      """
  }

  private var advice: String {
    guard let best, let chosen = forecasts.first(where: { $0.cut == best }) else {
      let isOpen = forecasts.contains(where: \.isUntried)
      return isOpen ? "no cut is known to be the best\n" : "no cut can be had with this centre\n"
    }
    let pace = chosen.isInTime ? "" : "; no live source is kept up with"
    let how =
      switch best {
      case .film: ", all at the centre (docs/edge.md: Placement)"
      case .events: ", all at the edge: 'ridley analyze' as it is"
      default: ": ridley analyze … --centre URL --cut \(best.rawValue), or 'cut: \(best.rawValue)' in the pipeline"
      }
    return "best: \(best.rawValue)\(how)\(pace)\n"
  }

  private static func milliseconds(_ seconds: Double) -> String {
    seconds > 0 ? "\(NumberFormat.measure(seconds * 1000)) ms" : "–"
  }

  private static func kilobytes(_ bytes: Double) -> String {
    bytes > 0 ? "\(NumberFormat.measure(bytes / 1000)) kB" : "–"
  }

  var json: String {
    JSONText.line { json in
      json.object("link") { json in
        json.field("bits_up", link.up, digits: 0)
        json.field("bits_down", link.down, digits: 0)
        json.field("round_trip", link.roundTrip, digits: 6)
        json.field("flight", link.flight)
      }
      json.object("measured") { figures.write(to: &$0) }
      json.array("cuts") { json in for forecast in forecasts { json.object { forecast.write(to: &$0) } } }
      json.field("best", best?.rawValue)
      json.field("currency", ifKnown: currency)
    }
  }
}
