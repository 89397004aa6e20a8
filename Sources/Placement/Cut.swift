public import Pipelines

/// A point at which a pipeline is cut between an edge and a centre: what travels over the link.
public enum Cut: String, Sendable, Hashable, CaseIterable {
  /// The film as it is coded: all is done at the centre.
  case film
  /// What networks are shown: the edge decodes, samples, gates, tracks and judges, and the centre has all networks.
  case frames
  /// What networks are shown of what others found: those that see whole frames are asked at the edge, and the others at the centre.
  case crops
  /// What happened: all is done at the edge.
  case events

  /// What it means, for a person.
  public var meaning: String {
    switch self {
    case .film: "the coded film travels, all is done at the centre"
    case .frames: "sampled and gated at the edge, every network at the centre"
    case .crops: "networks of whole frames at the edge, those on crops at the centre"
    case .events: "all is done at the edge, what happened travels"
    }
  }

  /// The networks that the centre is asked about, by position, while the edge runs the pipeline; none where it is not cut between networks.
  public func steps(of pipeline: Pipeline) -> Set<Int> {
    switch self {
    case .film, .events: []
    case .frames: Set(pipeline.infer.indices)
    case .crops: Set(pipeline.infer.indices.filter { pipeline.infer[$0].on != nil })
    }
  }

  /// Why a pipeline cannot be cut there; `nil` where it can.
  public func objection(to pipeline: Pipeline) -> String? {
    switch self {
    case .film, .events: nil
    case .frames: pipeline.infer.isEmpty ? "it asks no network" : nil
    case .crops:
      steps(of: pipeline).isEmpty ? "none of its networks looks at what another one found ('on')" : nil
    }
  }
}
