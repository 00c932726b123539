namespace Pss.Engine.Detectors;

/// <summary>Features of a head's towers for each pyramid level, [N, channels, H, W], finest level first; as tensors or as values of a graph.</summary>
/// <typeparam name="T">Tensor or value of a graph.</typeparam>
/// <param name="Classification">Of the classification tower.</param>
/// <param name="Regression">Of the regression tower.</param>
internal sealed record TowerFeatures<T>(T[] Classification, T[] Regression);
