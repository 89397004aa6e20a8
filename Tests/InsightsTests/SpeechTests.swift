import Testing

@testable import Insights
