"""stub"""
from engine.loading.piece import Piece
from engine.problems import Problem
def judge(kind: str, piece: Piece, problems: list[Problem]) -> None:
    pass
