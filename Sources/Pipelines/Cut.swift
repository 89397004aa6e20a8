/// A point at which a pipeline is cut between an edge and a centre: what travels over the link.
///
/// Whatever the cut, a pipeline tells the same, so that it is no part of its identity.
public enum Cut: String, Sendable, Hashable, CaseIterable {
  /// The film as it is coded: all is done at the centre.
  case film
  /// What networks are shown: the edge decodes, samples, gates, tracks and judges, and the centre has all networks.
  case frames
  /// What networks are shown of what others found: those that see whole frames are asked at the edge, and the others at the centre.
  case crops
  /// Vectors that networks give.
  case embeddings
  /// All that networks answer.
  case predictions
  /// What happened: all is done at the edge.
  case events

  /// Those that a pipeline may name: what is done with one film or stream is the same for all of them.
  public static let named: [Cut] = [.frames, .crops, .events]

  /// The networks that the centre is asked about, by position, while the edge runs the pipeline; none where it is not cut between networks.
  public func steps(of pipeline: Pipeline) -> Set<Int> {
    switch self {
    case .film, .embeddings, .predictions, .events: []
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
    case .embeddings:
      pipeline.insights.products == nil
        ? "nothing in it compares vectors"
        : "what compares vectors (products) proves what it found on the picture, which would travel beside them: take 'frames' or 'events'"
    case .predictions:
      "what comes behind the networks (track, smooth, rules) takes next to nothing where they are, and less travels behind it than before: take 'events'"
    }
  }
}
