import Base
import Insights
import Pipelines

/// What a command line puts over a pipeline's breaks.
enum BreakOptions {
  static let all: [Option] = [
    .value("min-distance", "TIME", "breaks: the least time between two (default 60s)"),
    .value("max-distance", "TIME", "breaks: no longer stretch without one, where that can be had"),
    .value("skip-first", "TIME", "breaks: none before this"),
    .value("skip-last", "TIME", "breaks: none this near the end"),
    .value("breaks", "N", "breaks: so many at most, the best"),
  ]

  static let names = all.map(\.name)

  /// The pipeline as the options have it; they are refused where it has no breaks.
  static func apply(_ arguments: Arguments, to pipeline: Pipeline) throws(Fault) -> Pipeline {
    guard let said = names.first(where: { arguments[$0] != nil }) else { return pipeline }
    guard var breaks = pipeline.insights.breaks else {
      throw arguments.refusal("--\(said) is about breaks, and this pipeline finds none: take --pipeline breaks")
    }
    if let seconds = try arguments.seconds("min-distance") { breaks.settings.minDistance = seconds }
    if let seconds = try arguments.seconds("max-distance") { breaks.settings.maxDistance = seconds }
    if let seconds = try arguments.seconds("skip-first") { breaks.settings.skipFirst = seconds }
    if let seconds = try arguments.seconds("skip-last") { breaks.settings.skipLast = seconds }
    if let count = try arguments.integer("breaks", in: 1...1000) { breaks.settings.count = count }
    if let most = breaks.settings.maxDistance, most < breaks.settings.minDistance {
      throw arguments.refusal("--max-distance must not be less than --min-distance")
    }
    var pipeline = pipeline
    pipeline.insights.breaks = breaks
    return pipeline
  }
}
