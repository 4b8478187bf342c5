"""cjmlab"""
