
namespace Pss.Engine.Assignment;

/// <summary>The matching algorithm.</summary>
internal enum Matcher
{
    /// <summary>Each object takes its best location. Two objects can meet only where their candidates overlap.</summary>
    TopOne,

    /// <summary>
    /// The greatest total quality with each location given once (Hungarian method). With disjoint candidates it is <see cref="TopOne"/>.
    /// </summary>
    Hungarian,
}
