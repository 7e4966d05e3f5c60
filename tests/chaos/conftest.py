from tests.real_kafka import broker, kafka, kafka_libs

__all__ = ["broker", "kafka", "kafka_libs"]
